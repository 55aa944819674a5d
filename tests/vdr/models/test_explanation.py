"""Where explanations point: parts of known worth are found, by each way that models tell."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from tests.fixtures.checkpoints import tiny_bert
from vdr.models.checkpoint import open_checkpoint
from vdr.models.explanation.answers import (
    MOST_REGIONS,
    above_middle,
    best_for_all,
    best_regions,
    merged_regions,
)
from vdr.models.explanation.blank import grid_of, pixel_bounds, shows_something
from vdr.models.explanation.lines import regions_of_lines
from vdr.models.explanation.occlusion import regions_by_occlusion
from vdr.models.explanation.patches import regions_of_patches
from vdr.models.explanation.terms import regions_of_terms
from vdr.models.explanation.tokens import Tokens, tokens_of_words
from vdr.models.explanation.words import regions_of_words
from vdr.models.text_windows import stretches_of, text_windows, word_windows
from vdr.page_reader.questions import QuestionWords
from vdr.types import Box, FloatArray, Region, Word

ROW = tuple(Box(n / 10, 0.1, (n + 1) / 10, 0.2) for n in range(10))
A, B, C = np.eye(3, dtype=np.float32)


def row(*texts: str) -> tuple[Word, ...]:
    """Words beside each other."""
    return tuple(Word(text, box) for text, box in zip(texts, ROW, strict=False))


def printed(size: tuple[int, int], *spots: Box) -> Image.Image:
    """White paper with black spots."""
    page = Image.new("RGB", size, "white")
    for box in spots:
        ImageDraw.Draw(page).rectangle(
            (box.x0 * size[0], box.y0 * size[1], box.x1 * size[0] - 1, box.y1 * size[1] - 1), fill="black"
        )
    return page


class TestAnswers:
    def test_a_place_weighs_what_it_does_for_all_tokens_and_names_their_words(self) -> None:
        gains = np.array([[0.6, 0.1, 0.0], [0.0, 0.0, 0.2], [0.3, 0.0, 0.0]], np.float32)
        first, second = best_regions(gains, ROW[:3], [("net",), ("sales",), ("net",)])
        assert first == Region(ROW[0], 1.0, ("net",))
        assert (second.box, second.words) == (ROW[2], ("sales",))
        assert second.weight == pytest.approx(0.2 / 0.9)

    def test_places_nearly_as_good_as_a_tokens_best_answer_it_too(self) -> None:
        gains = np.array([[1.0, 0.9, 0.7]], np.float32)
        assert [region.box for region in best_regions(gains, ROW[:3], [("net",)])] == [ROW[0], ROW[1]]
        assert [region.box for region in best_for_all(gains[0], ROW[:3])] == [ROW[0], ROW[1], ROW[2]]

    def test_where_nothing_answers_there_are_no_regions(self) -> None:
        assert best_regions(np.zeros((2, 3), np.float32), ROW[:3], [(), ()]) == ()
        assert best_regions(np.zeros((0, 3), np.float32), ROW[:3], []) == ()

    def test_no_more_regions_than_anybody_looks_at(self) -> None:
        boxes = grid_of(20, 20)
        assert len(best_for_all(np.ones(400, np.float32), boxes)) == MOST_REGIONS

    def test_what_is_beyond_the_page_is_cut_off(self) -> None:
        (region,) = best_for_all(np.ones(1, np.float32), [Box(-0.1, 0.5, 0.333333333, 1.2)])
        assert region.box == Box(0.0, 0.5, 0.33333, 1.0)

    def test_what_most_of_a_page_has_in_common_is_no_answer(self) -> None:
        above = above_middle(np.array([[0.9, 0.5, 0.5, 0.4]], np.float32))
        assert above == pytest.approx(np.array([[0.4, 0, 0, 0]]), abs=1e-6)

    def test_on_a_page_of_one_place_that_one_answers(self) -> None:
        assert above_middle(np.array([[-0.3]], np.float32)).tolist() == [[1.0]]

    def test_one_region_of_two_explanations_has_the_words_of_both(self) -> None:
        one, other = Region(ROW[0], 0.5, ("net",)), Region(ROW[0], 0.9, ("sales", "net"))
        assert merged_regions([[one], [other, Region(ROW[1], 1.0)]]) == (
            Region(ROW[1], 1.0),
            Region(ROW[0], 0.9, ("net", "sales")),
        )


class TestOcclusion:
    @pytest.mark.parametrize("size", [(600, 800), (800, 300), (20, 700)])
    def test_the_part_that_likeness_depends_on_is_found(self, size: tuple[int, int]) -> None:
        wanted, other = Box(0.0, 0.8, 0.2, 1.0), Box(0.5, 0.0, 1.0, 0.2)
        page = printed(size, wanted, other)
        best, *_ = regions_by_occlusion(page, lambda images: darkness(images, wanted))
        assert best.weight == 1
        assert best.words == ()
        assert best.box.y0 > 0.5
        assert best.box.x0 < wanted.x1

    def test_paper_is_not_covered(self) -> None:
        seen: list[int] = []

        def likeness(images: Sequence[Image.Image]) -> FloatArray:
            shown = list(images)
            seen.append(len(shown))
            return darkness(shown, Box(0, 0, 1, 1))

        regions_by_occlusion(printed((500, 700), Box(0.0, 0.0, 0.1, 0.1)), likeness)
        assert seen == [2]  # the page as it is, and without its only spot

    def test_a_page_that_is_less_like_the_query_than_paper_is_not_explained(self) -> None:
        page = printed((500, 700), Box(0.0, 0.0, 0.1, 0.1))
        assert regions_by_occlusion(page, lambda images: -darkness(images, Box(0, 0, 1, 1))) == ()


def darkness(images: Sequence[Image.Image], part: Box) -> FloatArray:
    """A model to which only a part of the page matters."""
    shown = (image.convert("L").crop(pixel_bounds(part, image.size)) for image in images)
    return np.array([255 - np.asarray(each, np.float32).mean() for each in shown], np.float32)


class TestPatches:
    def test_a_token_is_answered_by_the_patch_that_it_is_nearest_to(self) -> None:
        patches = np.stack([C, C, A, C, C, B])
        boxes = grid_of(3, 2)
        page = printed((300, 200), Box(0, 0, 1, 0.2), Box(0, 0.5, 1, 0.7))
        best, second = regions_of_patches(
            np.stack([B, A, A]), [("net",), ("sales",), ("sales",)], patches, boxes, page
        )
        assert best == Region(Box(0.66667, 0.0, 1.0, 0.5), 1.0, ("sales",))
        assert second == Region(Box(0.66667, 0.5, 1.0, 1.0), 0.5, ("net",))

    def test_patches_of_paper_and_of_padding_answer_nothing(self) -> None:
        patches = np.stack([A, A, B, A])
        boxes = grid_of(4, 1, across=2.0)  # the page is the left half: patches 2 and 3 are padding
        page = printed((300, 200), Box(0.0, 0.0, 0.4, 1.0))
        assert [each.box for each in regions_of_patches(A[None], [()], patches, boxes, page)] == [
            Box(0.0, 0.0, 0.5, 1.0)
        ]

    def test_faint_traces_of_compression_are_paper(self) -> None:
        noise = np.random.default_rng(0).integers(235, 256, (50, 50, 3)).astype(np.uint8)
        assert not shows_something(Image.fromarray(noise), grid_of(2, 2)).any()
        spotted = printed((50, 50), Box(0, 0, 0.1, 0.1))
        assert shows_something(spotted, grid_of(2, 2)).tolist() == [True, False, False, False]


class TestTokens:
    @pytest.fixture
    def tokenizer(self, tmp_path_factory):
        return open_checkpoint(str(tiny_bert(tmp_path_factory.mktemp("words") / "bert")), "cpu").tokenizer

    @staticmethod
    def made(tokenizer, text, **changes):
        ids = tokenizer(text)["input_ids"]
        return {
            "input_ids": torch.tensor(ids),
            "attention_mask": torch.ones(len(ids)),
            "token_embeddings": torch.eye(len(ids)),
            **changes,
        }

    def test_each_token_is_of_the_word_that_it_was_made_of(self, tokenizer):
        tokens = tokens_of_words(self.made(tokenizer, "a-b c"), ["a-b", "c"], tokenizer, 6)
        assert tokens.words == (0, 0, 0, 1)
        assert tokens.rows.argmax(axis=1).tolist() == [1, 2, 3, 4]

    def test_those_of_a_prompt_are_of_no_word(self, tokenizer):
        tokens = tokens_of_words(self.made(tokenizer, "c a c b"), ["c", "b"], tokenizer, 6, prompt="c a ")
        assert tokens.words == (0, 1)
        assert tokens.rows.argmax(axis=1).tolist() == [3, 4]

    def test_those_that_the_model_passes_over_are_left_out(self, tokenizer):
        mask = torch.tensor([1, 1, 0, 1, 1])
        tokens = tokens_of_words(
            self.made(tokenizer, "a b c", attention_mask=mask), ["a", "b", "c"], tokenizer, 5
        )
        assert tokens.words == (0, 2)

    def test_what_was_cut_off_has_none(self, tokenizer):
        tokens = tokens_of_words(self.made(tokenizer, "a b"), ["a", "b", "c"], tokenizer, 4)
        assert tokens.words == (0, 1)

    def test_pooled_tokens_cannot_be_told_apart(self, tokenizer):
        pooled = self.made(tokenizer, "a b", token_embeddings=torch.eye(2))
        assert tokens_of_words(pooled, ["a", "b"], tokenizer, 2) is None

    def test_words_are_as_near_as_the_nearest_of_their_tokens(self) -> None:
        windows = [
            (Tokens(np.stack([C, A, C]), (0, 0, 1)), row("a-b", "c")),
            (Tokens(B[None], (0,)), row("d")[:1]),
        ]
        windows[1] = (windows[1][0], (replace(windows[1][1][0], box=ROW[5]),))
        found = regions_of_words(np.stack([A, B]), [("net",), ("sales",)], windows)
        assert {(region.box, region.words) for region in found} == {(ROW[0], ("net",)), (ROW[5], ("sales",))}


class TestLines:
    WORDS = tuple(
        Word(text, Box(0.1 + 0.1 * n, y, 0.18 + 0.1 * n, y + 0.02))
        for y, line in ((0.1, "harbour dues"), (0.2, "net sales rose"), (0.3, "minutes of"))
        for n, text in enumerate(line.split())
    )

    def test_the_line_that_is_most_like_the_query_is_best(self) -> None:
        (best,) = regions_of_lines(self.WORDS, sales_in)
        assert best == Region(Box(0.1, 0.2, 0.38, 0.22), 1.0)

    def test_lines_are_asked_for_as_they_read(self) -> None:
        asked: list[str] = []

        def likeness(texts: Sequence[str]) -> FloatArray:
            asked.extend(texts)
            return np.zeros(len(texts), np.float32)

        regions_of_lines(self.WORDS, likeness)
        assert asked == ["harbour dues", "net sales rose", "minutes of"]


def sales_in(texts: Sequence[str]) -> FloatArray:
    """A model to which only one word matters."""
    return np.array([text.count("sales") for text in texts], np.float32)


class TestTerms:
    KNOWN = QuestionWords({"revenue": 2.0}, {"revenue": (("sales", 0.5),)})

    def test_words_stand_where_they_are_looked_up(self) -> None:
        page = row("Net", "sales", "of", "the", "harbours")
        harbour, revenue = regions_of_terms(self.KNOWN, "harbour revenue", page)
        assert harbour == Region(ROW[4], 1.0, ("harbour",))
        assert (revenue.box, revenue.words) == (ROW[1], ("revenue",))
        assert revenue.weight < 0.5

    def test_a_compound_covers_no_word_but_its_own(self) -> None:
        found = regions_of_terms(self.KNOWN, "harbour revenue", row("harbour", "revenue"))
        assert {region.box: region.words for region in found} == {ROW[0]: ("harbour",), ROW[1]: ("revenue",)}

    def test_a_related_word_is_left_out_where_the_word_itself_stands(self) -> None:
        found = regions_of_terms(self.KNOWN, "revenue", row("sales", "revenue"))
        assert found == (Region(ROW[1], 1.0, ("revenue",)),)


@given(st.lists(st.text("ab", min_size=1, max_size=4), max_size=40), st.integers(1, 9))
def test_stretches_are_the_words_of_each_window(words: list[str], length: int) -> None:
    windows = word_windows(words, length)
    assert [" ".join(words[each.start : each.stop]) for each in stretches_of(windows, words)] == windows


def test_a_page_without_words_is_one_empty_stretch() -> None:
    assert stretches_of(text_windows([], None, 8), []) == [range(0, 0)]

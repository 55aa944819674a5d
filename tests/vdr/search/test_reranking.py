"""The second look: late interaction blended with fusion, and a cross-encoder that decides alone."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.fixtures.reranker import DarkestFirst
from vdr.objects.store import ObjectStore
from vdr.search.reranking import blend, rerank_by_images
from vdr.settings import IndexSettings
from vdr.types import Candidate, PageRef, Stage

optional_scores = st.lists(st.one_of(st.none(), st.floats(-3, 3, width=16)), max_size=8)


def candidates(count: int) -> list[Candidate]:
    return [
        Candidate(PageRef("doc", n + 1), "doc.pdf", 1 / (n + 2), {Stage.FUSION: 1 / (n + 2)})
        for n in range(count)
    ]


@given(optional_scores)
def test_blending_loses_and_invents_nothing(found: list[float | None]) -> None:
    before = candidates(len(found))
    after = blend(before, found)
    assert sorted(c.page.page_number for c in after) == [c.page.page_number for c in before]


def test_reranking_by_hand() -> None:
    """Fusion scores 0.6, 0.3 and 0.2, late interaction none, half and all of what is above chance at 0.5."""
    fused = [replace(c, score=score) for c, score in zip(candidates(3), (0.6, 0.3, 0.2), strict=True)]
    first, second, third = blend(fused, [None, 0.75, 1.0], 0.5)
    assert first == fused[0]
    assert (second.page.page_number, second.score) == (3, pytest.approx(1 - 0.8 * 0.7, abs=1e-5))
    assert (third.page.page_number, third.score) == (2, pytest.approx(1 - 0.7 * 0.85, abs=1e-5))
    assert second.stages[Stage.LATE_INTERACTION] == 1.0
    assert Stage.LATE_INTERACTION not in first.stages


def test_late_interaction_that_recognised_nothing_leaves_the_order_alone() -> None:
    """A real search of a script that the model does not read: BM25 says 66 and 23 of 160."""
    whole, part = (replace(c, score=score) for c, score in zip(candidates(2), (0.37, 0.13), strict=True))
    assert [c.page for c in blend([whole, part], [0.045, 0.249])] == [whole.page, part.page]
    assert [c.page for c in blend([whole, part], [0.0, 0.49])] == [whole.page, part.page]


@given(optional_scores)
def test_reranked_candidates_come_best_first_and_keep_their_stages(found: list[float | None]) -> None:
    after = blend(candidates(len(found)), found)
    assert [c.score for c in after] == sorted((c.score for c in after), reverse=True)
    assert all(Stage.FUSION in c.stages for c in after)


def test_equal_late_interaction_changes_no_order() -> None:
    assert [c.page.page_number for c in blend(candidates(4), [0.8] * 4)] == [1, 2, 3, 4]


def test_without_any_rerank_score_nothing_changes() -> None:
    assert blend(candidates(3), [None] * 3) == candidates(3)


@given(optional_scores, st.integers(0, 4))
def test_those_beyond_the_scores_keep_their_places(found: list[float | None], more: int) -> None:
    before = candidates(len(found) + more)
    after = blend(before, found)
    assert after[len(found) :] == before[len(found) :]
    assert [c.score for c in after] == sorted((c.score for c in after), reverse=True)
    assert after[: len(found)] == blend(before[: len(found)], found)


def shown_in(folder: Path, *pages: PageRef) -> ObjectStore:
    """Images of these pages, the later the darker."""
    objects = ObjectStore.open(IndexSettings(data_dir=folder), "default", "g1")
    for n, page in enumerate(pages):
        out = io.BytesIO()
        Image.new("RGB", (8, 8), (200 - 20 * n,) * 3).save(out, "WEBP", lossless=True)
        objects.put_page_image(page, out.getvalue())
    return objects


def of(page_number: int) -> Candidate:
    return Candidate(PageRef("a" * 64, page_number), "a.pdf", 1 / page_number, {Stage.FULL: 0.5})


def test_a_cross_encoder_alone_decides(tmp_path: Path) -> None:
    found = [of(n) for n in (1, 2, 3)]
    objects = shown_in(tmp_path, *(candidate.page for candidate in found))
    after = rerank_by_images(DarkestFirst(), "?", found, objects)
    assert [c.page.page_number for c in after] == [3, 2, 1]
    assert all(c.score == c.stages[Stage.CROSS_ENCODER] and c.stages[Stage.FULL] == 0.5 for c in after)


def test_a_page_without_a_sound_image_is_left_out(tmp_path: Path) -> None:
    objects = shown_in(tmp_path, of(1).page, of(2).page)
    (damaged,) = tmp_path.rglob("2.webp")
    damaged.write_bytes(damaged.read_bytes()[:-1])
    reranker = DarkestFirst()
    after = rerank_by_images(reranker, "?", [of(n) for n in (1, 2, 3)], objects)
    assert [c.page.page_number for c in after] == [1]
    assert rerank_by_images(reranker, "?", [of(3)], objects) == []
    assert reranker.asked == [("?", 1), ("?", 0)]

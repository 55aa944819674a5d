"""Every page comes once, eval first; of copies one stands for the others, but never across splits."""

import pytest

from tests.training.pairs.parts import PaintedDocument, painted, picture
from training.pairs.page_stream import PageStream
from vdr.errors import PageFailed

LONG = " ".join(f"word{n}" for n in range(60))


def stream(*documents, evaluation=()):
    pages = PageStream(documents, set(evaluation), 64)
    return pages, list(pages)


def test_pages_of_eval_come_first():
    _, records = stream(painted("a", "one", "two"), painted("b", "three"), evaluation=["b"])
    assert [(r.page_id, r.split) for r in records] == [
        ("b#page=1", "eval"), ("a#page=1", "train"), ("a#page=2", "train"),
    ]  # fmt: skip
    assert records[0].text == "three" and records[0].image.startswith(b"RIFF")


def test_a_copy_in_the_same_split_is_stood_for_by_the_first():
    pages, records = stream(painted("a", LONG, "other"), painted("b", f"{LONG} end"))
    assert [r.page_id for r in records] == ["a#page=1", "a#page=2"]
    assert pages.home["b#page=1"] == "a#page=1"
    assert pages.dropped == {"duplicate pages": 1}


def test_what_train_shares_with_eval_goes_from_train():
    pages, records = stream(painted("a", LONG), painted("b", LONG), evaluation=["b"])
    assert [r.page_id for r in records] == ["b#page=1"] and "a#page=1" not in pages.home
    assert pages.dropped == {"train pages that duplicate an eval page": 1}


def scanned(name, *looks):
    images = tuple((n, picture(look)) for n, look in enumerate(looks, start=1))
    return PaintedDocument(name, ("",) * len(looks), images)


def test_pages_without_text_are_told_apart_by_their_looks():
    pages, records = stream(scanned("a", "first scan", "second sheet"), scanned("b", "first scan"))
    assert [r.page_id for r in records] == ["a#page=1", "a#page=2"]
    assert pages.home["b#page=1"] == "a#page=1"


def test_the_same_few_words_over_another_picture_are_another_page():
    images = ((1, picture("chart of sales")), (2, picture("photograph of a plant")))
    _, records = stream(PaintedDocument("a", ("Results", "Results"), images))
    assert len(records) == 2


def test_pages_that_look_alike_but_say_other_words_are_two():
    images = ((1, picture("same")), (2, picture("same")))
    assert len(stream(PaintedDocument("a", ("one", "two"), images))[1]) == 2


def test_a_page_that_cannot_be_rasterized_is_said_and_the_others_go_on():
    broken = PageFailed("Page 1 cannot be rasterized.")
    pages, records = stream(PaintedDocument("a", ("one", "two"), ((1, broken), (2, picture("two")))))
    assert [r.page_id for r in records] == ["a#page=2"] and "a#page=1" not in pages.home
    assert pages.warnings == ["a: Page 1 cannot be rasterized."]
    assert pages.dropped == {"pages that cannot be rasterized": 1}


def test_a_copy_of_a_page_that_failed_is_gone_too():
    broken = PageFailed("Page 1 cannot be rasterized.")
    pages, _ = stream(PaintedDocument("a", (LONG,), ((1, broken),)), painted("b", LONG))
    assert "b#page=1" not in pages.home
    assert pages.dropped["copies of pages that cannot be rasterized"] == 1


def test_pages_are_painted_only_when_their_turn_comes():
    asked = []

    class Watched(PaintedDocument):
        def images(self, page_numbers):
            asked.append((self.name, tuple(page_numbers)))
            return super().images(page_numbers)

    first = Watched("a", (LONG, "two"), ((1, picture("one")), (2, picture("two"))))
    second = Watched("b", (LONG, "three"), ((1, picture("one")), (2, picture("three"))))
    pages = iter(PageStream([first, second], set(), 64))
    next(pages)
    assert asked == [("a", (1, 2))]
    assert [page.page_id for page in pages] == ["a#page=2", "b#page=2"]
    assert asked[1] == ("b", (2,))  # no image is made of a page whose text was there before


@pytest.mark.parametrize("evaluation", [(), ("a",)])
def test_a_copy_within_a_document_is_stood_for_by_the_first(evaluation):
    pages, records = stream(painted("a", LONG, "other", f"{LONG} end"), evaluation=evaluation)
    assert [r.page_id for r in records] == ["a#page=1", "a#page=2"]
    assert pages.home["a#page=3"] == "a#page=1"
    assert pages.dropped == {"duplicate pages": 1}

"""What a document tells of its pages: its other pages, and its name."""

import math

import pytest

from vdr.index import StoredPage
from vdr.search.documents import NAME_WEIGHT, PAGES, PAGES_WEIGHT, document_evidence
from vdr.types import PageRef


def stored(**names: str) -> dict[str, StoredPage]:
    """A page for each point; the document is known by its name."""
    return {
        point: StoredPage(PageRef(name, number), name)
        for number, (point, name) in enumerate(names.items(), 1)
    }


def test_pages_of_a_document_that_answers_well_gain() -> None:
    pages = stored(a="3m.pdf", b="3m.pdf", c="nike.pdf")
    evidence = document_evidence({"a": 8.0, "b": 2.0, "c": 3.0}, pages, ())
    assert evidence["a"] == evidence["b"] == pytest.approx(PAGES_WEIGHT * 10 / PAGES)
    assert evidence["c"] == pytest.approx(PAGES_WEIGHT * 3 / PAGES)


def test_only_the_best_pages_count_however_many_there_are() -> None:
    names = {f"p{n}": "long.pdf" for n in range(100)} | {"q": "short.pdf"}
    evidence = document_evidence(dict.fromkeys(names, 1.0), stored(**names), ())
    assert evidence["p0"] == pytest.approx(PAGES_WEIGHT)


def test_a_name_that_is_asked_for_counts_as_much_as_it_is_rare() -> None:
    pages = stored(a="3M_2018_10K.pdf", b="3M_2022_10K.pdf", c="NIKE_2018_10K.pdf")
    evidence = document_evidence(dict.fromkeys(pages, 0.0), pages, ("3m", "fy2018", "10k", "revenue"))
    assert evidence["a"] > evidence["b"] == evidence["c"] > 0
    by_name = evidence["a"] - evidence["c"]  # "3m" alone, in two of three names
    assert by_name == pytest.approx(NAME_WEIGHT * math.log1p(1.5 / 2.5))


def test_one_document_alone_tells_nothing_of_its_pages() -> None:
    assert document_evidence({"a": 1.0, "b": 2.0}, stored(a="x.pdf", b="x.pdf"), ("x",)) == {}


def test_pages_deleted_meanwhile_are_left_out() -> None:
    evidence = document_evidence({"a": 1.0, "b": 2.0, "gone": 9.0}, stored(a="x.pdf", b="y.pdf"), ())
    assert set(evidence) == {"a", "b"}


def test_a_title_counts_like_the_name() -> None:
    named = stored(a="3M 2018.pdf", b="x.pdf")
    titled = {
        "a": StoredPage(PageRef("x", 1), "scan.pdf", "1", "3M 2018"),
        "b": StoredPage(PageRef("y", 1), "x.pdf"),
    }
    scores = {"a": 1.0, "b": 1.0}
    asked = ("3m", "2018")
    assert document_evidence(scores, titled, asked) == document_evidence(scores, named, asked)
    assert document_evidence(scores, titled, asked)["a"] > document_evidence(scores, titled, ())["a"]

"""The pages around a hit, of the library's documents of five pages."""

import pytest

from tests.fixtures.words import said
from vdr.index import EdgeIndex, IndexSchema
from vdr.objects.store import ObjectStore
from vdr.search.neighbours import with_neighbours
from vdr.types import Hit, PagePoint, PageRef, PageWords, Snippet


@pytest.fixture
def index(tmp_path, schema: IndexSchema, shown: list[PagePoint]):
    index = EdgeIndex.open(tmp_path / "index", schema)
    index.upsert(shown)
    yield index
    index.close()


def around(number: int, each: int, index: EdgeIndex, objects: ObjectStore, document: str = "2") -> list[int]:
    page = PageRef(document * 64, number)
    (hit,) = with_neighbours([Hit(1, page, "a.pdf", 1.0, {}, Snippet(""))], each, index, objects)
    assert {neighbour.page.document_id for neighbour in hit.neighbours} <= {page.document_id}
    return [neighbour.page.page_number for neighbour in hit.neighbours]


@pytest.mark.parametrize(
    ("number", "each", "expected"),
    [(3, 1, [2, 4]), (3, 2, [1, 2, 4, 5]), (1, 2, [2, 3]), (5, 2, [3, 4]), (2, 5, [1, 3, 4, 5])],
)
def test_they_are_clipped_at_the_ends_of_the_document(index, objects, number, each, expected) -> None:
    assert around(number, each, index, objects) == expected


def test_pages_that_are_not_indexed_are_left_out(index, objects, shown) -> None:
    index.delete_document("2" * 64)
    index.upsert([p for p in shown if p.page.document_id[0] == "2" and p.page.page_number != 4])
    assert around(3, 2, index, objects) == [1, 2, 5]


def test_each_has_its_label_and_the_text_next_to_the_hit(index, objects) -> None:
    document = "2" * 64
    index.set_page_labels(document, {1: "i", 2: "ii", 3: "iii"})
    words = [f"word{n}" for n in range(100)]
    for number in (1, 3):
        objects.put_page_words(PageRef(document, number), PageWords(tuple(said(words))))
    objects.put_page_words(PageRef(document, 4), PageWords((), tuple(said(["read", "only"]))))
    hit = Hit(1, PageRef(document, 2), "a.pdf", 1.0, {}, Snippet(""))
    before, after, last = with_neighbours([hit], 2, index, objects)[0].neighbours
    assert (before.page_label, after.page_label, last.page_label) == ("i", "iii", "4")
    assert before.text == " ".join(["…", *words[60:]])
    assert after.text == " ".join([*words[:40], "…"])
    assert last.text == "read only"


def test_one_whose_words_are_gone_has_no_text(index, objects) -> None:
    hit = Hit(1, PageRef("0" * 64, 1), "a.pdf", 1.0, {}, Snippet(""))
    (neighbour,) = with_neighbours([hit], 1, index, objects)[0].neighbours
    assert (neighbour.page.page_number, neighbour.text) == (2, "")

"""What every engine promises: its primitives, on the embedded engine and on qdrant-client."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from qdrant_client import QdrantClient

from tests.fixtures.words import said
from tests.vdr.conftest import codes
from vdr.errors import IndexMismatch
from vdr.filters import parse_filter, resolve_names
from vdr.index import EdgeIndex, IndexSchema, Nearest, VectorIndex, page_terms, point_id, query_terms
from vdr.index.qdrant import QdrantIndex
from vdr.index.schema import COARSE, FULL, READ, TEXT, RegionType
from vdr.page_reader.region_bytes import encode_regions, encode_tokens
from vdr.types import (
    Condition,
    Document,
    Filter,
    FloatArray,
    Indexing,
    Operator,
    PagePoint,
    PageRef,
    PdfInfo,
    QueryTokens,
    QueryVectors,
    SparseVector,
)

MakePage = Callable[..., PagePoint]
MakeQuery = Callable[..., QueryVectors]
# float16 keeps 11 bits, int8 quantization moves a coarse score by about a hundredth.
HALF = 1e-3
MADE = "2025-03-01T09:30:00.000000+00:00"


def found_by(index: VectorIndex, query: Nearest, where: Filter | None = None) -> dict[PageRef, float]:
    """The pages that a query finds, with their scores."""
    (scores,) = index.nearest([query], where)
    pages = index.pages([point for point, _ in scores])
    return {pages[point].page: score for point, score in scores}


def asking(*terms: str, name: str = TEXT, limit: int = 50) -> Nearest:
    return Nearest(name, query_terms(terms), limit)


def in_documents(*document_ids: str) -> Filter:
    return Condition("document_id", Operator.IN, document_ids)


def late_interaction(index: VectorIndex, tokens: FloatArray) -> dict[PageRef, float]:
    """The true MaxSim of every page that has regions."""
    ids = [point_id(index.schema, point.page) for point in index.points()]
    pages = index.pages(ids)
    found = index.region_scores(encode_tokens(tokens), ids)
    return {pages[point].page: score for point, score in found.items()}


def naive_maxsim(tokens: FloatArray, regions: FloatArray) -> float:
    return sum(max(float(np.dot(token, region)) for region in regions) for token in tokens)


def assert_same_page(stored: PagePoint, given: PagePoint) -> None:
    assert (stored.page, stored.document_name) == (given.page, given.document_name)
    np.testing.assert_allclose(stored.embedding, given.embedding, atol=HALF)
    assert (stored.regions is None) == (given.regions is None)
    if stored.regions is not None and given.regions is not None:
        assert stored.regions.dtype == given.regions.dtype
        np.testing.assert_array_equal(stored.regions, given.regions)
    assert_same_terms(stored.text_terms, given.text_terms)
    assert_same_terms(stored.read_terms, given.read_terms)


def assert_same_terms(stored: SparseVector | None, given: SparseVector | None) -> None:
    assert (stored is None) == (given is None)
    if stored is not None and given is not None:
        assert stored.indices == given.indices
        assert stored.values == pytest.approx(given.values, rel=HALF)


def test_new_index_is_empty(index: VectorIndex) -> None:
    assert index.count() == index.count("doc0") == 0
    assert index.page_numbers("doc0") == frozenset()
    assert list(index.points()) == []
    assert found_by(index, asking("net")) == {}
    assert index.nearest([]) == []


def test_writing_nothing_is_nothing(index: VectorIndex) -> None:
    index.upsert([])
    assert index.count() == 0


def test_tells_about_how_many_pages_there_are(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    assert index.rough_count() == len(library)
    assert index.rough_count() == len(library)


def test_counts_and_lists_pages(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    assert index.count() == 20
    assert index.count("doc2") == 5
    assert index.page_numbers("doc2") == frozenset({1, 2, 3, 4, 5})
    assert index.count("nothing") == 0


def test_writing_twice_changes_nothing(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    before = list(index.points())
    index.upsert(library[::-1])
    assert index.count() == 20
    for one, other in zip(before, index.points(), strict=True):
        assert_same_page(one, other)


def test_page_written_again_is_replaced_whole(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("doc", 1)])
    changed = replace(make_page("doc", 2, regions=0), page=PageRef("doc", 1), text_terms=None)
    index.upsert([changed])
    (stored,) = index.points()
    assert_same_page(stored, changed)


def test_points_come_back_as_they_were_ordered_by_id(
    index: VectorIndex, schema: IndexSchema, library: list[PagePoint]
) -> None:
    index.upsert(library)
    expected = sorted(library, key=lambda point: point_id(schema, point.page))
    for stored, page in zip(index.points(), expected, strict=True):
        assert_same_page(stored, page)


def test_listing_goes_on_past_one_page_of_results(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("long", n, regions=0) for n in range(1, 151)])
    assert sorted(index.page_keys()) == sorted(point.page for point in index.points())
    ids = [point_id(index.schema, point.page) for point in index.points()]
    assert len(ids) == 150
    assert all(one < other for one, other in pairwise(ids))
    assert index.page_numbers("long") == frozenset(range(1, 151))


def test_empty_terms_and_regions_are_stored_as_absent(index: VectorIndex, make_page: MakePage) -> None:
    page = make_page("doc", 1)
    index.upsert([replace(page, text_terms=page_terms(said([])), regions=np.zeros((0, 8), np.uint8))])
    (stored,) = index.points()
    assert (stored.text_terms, stored.regions) == (None, None)
    assert stored.read_terms is not None


def test_text_terms_are_replaced_and_nothing_else(index: VectorIndex, make_page: MakePage) -> None:
    before = [make_page("doc", 1), replace(make_page("doc", 2), text_terms=None), make_page("doc", 3)]
    index.upsert(before)
    stored = list(index.points())
    index.set_words("doc", {1: page_terms(said(["zebra"])), 2: page_terms(said(["zebra", "zebra"]))}, {})
    index.set_words("doc", {}, {})
    assert set(found_by(index, asking("zebra"))) == {PageRef("doc", 1), PageRef("doc", 2)}
    changed = {page.page: page for page in index.points()}
    for page in stored:
        after = changed[page.page]
        assert after.embedding.tobytes() == page.embedding.tobytes()
        assert (after.read_terms, after.document_name) == (page.read_terms, page.document_name)
        assert (after.text_terms == page.text_terms) == (page.page.page_number == 3)


def test_pages_note_which_rule_split_their_words(
    index: VectorIndex, make_page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("vdr.index.records.RULE", None)
        index.upsert([make_page("doc", 1), make_page("doc", 2), make_page("doc", 3)])
    index.upsert([make_page("doc", 3), make_page("other", 1)])
    assert index.pages_of_other_words("doc") == {1, 2}
    stored = {page.page: page for page in index.points()}
    zebra, nothing = page_terms(said(["zebra"])), page_terms([])
    index.set_words("doc", {1: zebra, 2: nothing}, {1: zebra, 2: nothing})
    index.set_words("doc", {}, {})
    assert index.pages_of_other_words("doc") == index.pages_of_other_words("nothing") == frozenset()
    assert set(found_by(index, asking("zebra"))) == {PageRef("doc", 1)}
    for page in index.points():
        before_it = stored[page.page]
        assert page.embedding.tobytes() == before_it.embedding.tobytes()
        is_same = (page.text_terms, page.read_terms) == (before_it.text_terms, before_it.read_terms)
        assert is_same == (page.page != PageRef("doc", 1))


def test_deleted_document_is_gone_and_others_stay(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    index.delete_document("doc1")
    index.delete_document("never there")
    assert index.count("doc1") == 0
    assert index.count() == 15
    found = found_by(index, Nearest(FULL, library[5].embedding, 50))
    assert {page.document_id for page in found} == {"doc0", "doc2", "doc3"}


matrices = st.integers(1, 5).flatmap(
    lambda rows: arrays(np.float32, (rows, 8), elements=st.floats(-2, 2, width=16))
)


@given(tokens=matrices, regions=matrices)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_region_score_is_maxsim(
    index: VectorIndex, make_page: MakePage, tokens: FloatArray, regions: FloatArray
) -> None:
    given = codes(regions)
    index.upsert([replace(make_page("doc", 1), regions=encode_regions(given))])
    # Codes of 8 numbers are kept in steps of 1 / 89, and long ones are shortened.
    kept = given * np.minimum(1, 127 / 89 / np.maximum(np.abs(given).max(axis=1, keepdims=True), 1e-9))
    longest = max(float(np.linalg.norm(tokens, axis=1).max()), float(np.abs(tokens).max()))
    rounding = len(tokens) * (8 * longest / 80 + HALF)
    found = late_interaction(index, tokens)[PageRef("doc", 1)]
    assert found == pytest.approx(naive_maxsim(tokens, kept), abs=rounding)


def test_a_page_read_back_and_written_again_is_the_same(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("doc", 1)])
    (before,) = index.points()
    index.upsert([before])
    (after,) = index.points()
    assert before.regions is not None
    assert after.regions is not None
    assert np.array_equal(after.regions, before.regions)


def test_length_of_a_query_token_is_its_weight(index: VectorIndex, make_page: MakePage) -> None:
    index.upsert([make_page("doc", 1)])
    token = np.eye(8, dtype=np.float32)[:1]
    (light,), (heavy,) = (late_interaction(index, rows).values() for rows in (token, 3 * token))
    assert heavy == pytest.approx(3 * light, rel=HALF)


def test_page_of_another_shape_is_refused(index: VectorIndex, make_page: MakePage) -> None:
    page = make_page("doc", 1)
    with pytest.raises(IndexMismatch, match="page embedding has shape 16; the index expects 32"):
        index.upsert([replace(page, embedding=page.embedding[:16])])
    with pytest.raises(IndexMismatch, match="region matrix has shape 2 x 9; the index expects n x 8"):
        index.upsert([replace(page, regions=np.ones((2, 9), np.uint8))])
    with pytest.raises(IndexMismatch, match="region matrix is of float32, the index expects uint8"):
        index.upsert([replace(page, regions=np.ones((2, 8), np.float32))])


def test_flush_loses_nothing(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    index.flush()
    assert index.count() == 20


def test_the_nearest_come_with_their_scores(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    wanted = library[7]
    found = found_by(index, Nearest(FULL, wanted.embedding, 3))
    assert len(found) == 3
    assert max(found, key=lambda page: found[page]) == wanted.page
    assert found[wanted.page] == pytest.approx(1, abs=HALF)


def test_queries_of_one_trip_are_answered_in_order(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    queries = [
        asking("net"),
        Nearest(FULL, library[0].embedding, 4),
        asking("nowhere"),
        asking("net", name=READ),
    ]
    alone = [index.nearest([query])[0] for query in queries]
    assert [sorted(scores) for scores in index.nearest(queries)] == [sorted(scores) for scores in alone]
    assert [len(scores) for scores in alone][1:3] == [4, 0]


def test_what_is_found_among_the_nearest_by_another_vector_is_rescored(
    index: VectorIndex, library: list[PagePoint]
) -> None:
    index.upsert(library)
    query = library[3].embedding
    coarse = Nearest(COARSE, query[:16] / np.linalg.norm(query[:16]), 5)
    first = found_by(index, coarse)
    rescored = found_by(index, Nearest(FULL, query, 50, among=coarse))
    everything = found_by(index, Nearest(FULL, query, 50))
    assert rescored == {page: pytest.approx(everything[page], abs=HALF) for page in first}


@pytest.mark.parametrize("where", [None, in_documents("doc1", "doc3")])
@pytest.mark.parametrize("among", [False, True])
def test_points_are_left_out_before_the_list_is_cut(
    index: VectorIndex, library: list[PagePoint], where: Filter | None, *, among: bool
) -> None:
    index.upsert(library)
    query = library[0].embedding
    coarse = Nearest(COARSE, query[:16] / np.linalg.norm(query[:16]), 10)
    asked = Nearest(FULL, query, 4, among=coarse if among else None)
    best = [point for point, _ in index.nearest([asked], where)[0]]
    (others,) = index.nearest([asked], where, best[:3])
    assert len(others) == 4
    assert {*best} & {point for point, _ in others} == {best[3]}
    assert index.nearest([asked], where, ()) == index.nearest([asked], where)
    if where is not None:
        pages = index.pages([point for point, _ in others]).values()
        assert {each.page.document_id for each in pages} <= {"doc1", "doc3"}


@pytest.mark.parametrize("among", [False, True])
def test_a_filter_narrows_before_the_list_is_cut(
    index: VectorIndex, library: list[PagePoint], *, among: bool
) -> None:
    index.upsert(library)
    query = library[0].embedding
    coarse = Nearest(COARSE, query[:16] / np.linalg.norm(query[:16]), 10)
    asked = Nearest(FULL, query, 10, among=coarse if among else None)
    found = found_by(index, asked, in_documents("doc1", "doc3", "nothing"))
    assert len(found) == 10
    assert {page.document_id for page in found} == {"doc1", "doc3"}
    only = found_by(index, asked, Condition("document_id", Operator.EQ, "doc2"))
    assert {page.document_id for page in only} == {"doc2"}
    assert found_by(index, asked, in_documents("nothing")) == {}


def document(document_id: str, **fields: Any) -> Document:
    told = {"name": f"{document_id}.pdf", "size_bytes": 1, "created_at": MADE, "page_count": 5, **fields}
    return Document(document_id, indexing=Indexing("g1"), **told)


def pages_where(index: VectorIndex, data: object, named: Sequence[str] = ()) -> set[PageRef]:
    """All pages that pass a filter, by the vector of one of them."""
    where = resolve_names(parse_filter(data), lambda prefix: named)
    return set(found_by(index, Nearest(FULL, np.ones(32, np.float32), 50), where))


FIELDS: Any = {
    "page_count": 5,
    "added_at": MADE,
    "kind": "office",
    "page_label": "iv",
    "metadata": {"year": 2021, "tags": ("q3", "draft"), "due": "2024-12-31"},
    "info": PdfInfo("Tides", "Ada", MADE),
    "parent_id": "doc7",
}


@pytest.mark.parametrize(
    "data",
    [
        {"document_id": "doc1"},
        {"document_name": "doc1.pdf"},
        {"document_name": {"$prefix": "doc1"}},
        {"page_count": {"$gte": 5}},
        {"added_at": {"$lt": "2025-03-02"}},
        {"kind": {"$in": ["office", "image"]}},
        {"page_label": "iv"},
        {"parent_document_id": "doc7"},
        {"pdf_title": "Tides", "pdf_author": {"$in": ["Ada"]}, "pdf_created_at": {"$lt": "2025-03-02"}},
        {"pdf_title": {"$exists": True}, "pdf_modified_at": {"$exists": False}},
        {"year": {"$gt": 2020}, "tags": "q3"},
        {"due": {"$lte": "2025-01-01"}},
        {"$or": [{"year": 2021}, {"tags": {"$exists": True}}]},
        {"$not": {"year": {"$exists": False}}},
    ],
)
def test_pages_are_narrowed_by_all_that_filters_look_at(
    index: VectorIndex, library: list[PagePoint], data: object
) -> None:
    index.upsert([replace(p, **FIELDS) if p.page.document_id == "doc1" else p for p in library])
    assert pages_where(index, data, named=["doc1"]) == {PageRef("doc1", n) for n in range(1, 6)}
    assert len(pages_where(index, {"$not": data}, named=["doc1"])) == 15
    assert pages_where(index, {"page_number": 3, **data}, named=["doc1"]) == {PageRef("doc1", 3)}  # type: ignore[dict-item]


def test_what_filters_look_at_comes_back_as_it_was(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert([replace(library[0], **FIELDS), library[1]])
    points = {point.page.page_number: point for point in index.points()}
    told, untold = ({name: getattr(points[n], name) for name in FIELDS} for n in (1, 2))
    assert told == FIELDS
    assert untold == {**dict.fromkeys(FIELDS), "metadata": {}, "info": PdfInfo()}


def test_a_document_is_told_anew_and_its_vectors_stay(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert([replace(p, **FIELDS) if p.page.document_id == "doc1" else p for p in library])
    before = {point.page: point for point in index.points()}
    index.set_document(document("doc1", name="renamed.pdf", kind="pdf", metadata={"team": "north"}))
    index.set_document(document("nothing"))
    for point in index.points():
        if point.page.document_id == "doc1":
            now = (point.document_name, point.kind, point.metadata, point.page_label)
            assert now == ("renamed.pdf", "pdf", {"team": "north"}, "iv")
        assert_same_page(replace(point, document_name=before[point.page].document_name), before[point.page])
    assert pages_where(index, {"team": "north"}) == {PageRef("doc1", n) for n in range(1, 6)}
    assert pages_where(index, {"year": {"$exists": True}}) == set()


def test_pages_are_labelled_one_by_one(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    index.set_page_labels("doc2", {1: "i", 3: "1"})
    index.set_page_labels("doc2", {})
    assert pages_where(index, {"page_label": "i"}) == {PageRef("doc2", 1)}
    assert pages_where(index, {"page_label": {"$exists": True}}) == {PageRef("doc2", 1), PageRef("doc2", 3)}


def test_pages_that_say_something_else_of_their_document_are_outdated(
    index: VectorIndex, library: list[PagePoint]
) -> None:
    index.upsert(library)
    of_doc3 = document("doc3", metadata={"tags": ("q3", "q4"), "due": "2024-12-31"})
    assert index.outdated_pages(of_doc3, {}) == {1, 2, 3, 4, 5}
    index.set_document(of_doc3)
    assert index.outdated_pages(of_doc3, {}) == {1, 2, 3, 4, 5}  # none is labelled
    index.set_page_labels("doc3", {n: str(n) for n in range(1, 5)})
    assert index.outdated_pages(of_doc3, {}) == {5}
    index.set_page_labels("doc3", {5: "5"})
    assert index.outdated_pages(of_doc3, {}) == index.outdated_pages(document("nothing"), {}) == frozenset()
    assert index.outdated_pages(of_doc3, {1: "i", 2: "2"}) == {1}
    assert len(index.outdated_pages(replace(of_doc3, metadata={"tags": ("q3",)}), {})) == 5


def test_the_embedding_of_a_page_comes_back_as_it_is_stored(
    index: VectorIndex, library: list[PagePoint]
) -> None:
    index.upsert(library)
    for point in library[:2]:
        (found,) = index.page_embeddings(point.page) or ()
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, point.embedding, atol=1e-3)
    assert index.page_embeddings(PageRef("doc1", 99)) is None
    assert index.page_embeddings(PageRef("nothing", 1)) is None


def test_points_are_told_with_their_labels(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    index.set_page_labels("doc2", {1: "iv"})
    named = {PageRef("doc2", 1): "iv", PageRef("doc2", 2): "2"}  # one that was never labelled
    told = index.pages([point_id(index.schema, page) for page in named])
    assert {each.page: each.page_label for each in told.values()} == named


def test_points_are_told_with_title_and_length_of_their_document(
    index: VectorIndex, library: list[PagePoint]
) -> None:
    index.upsert(library)
    index.set_document(document("doc2", info=PdfInfo(title="Tides"), page_count=5))
    pages = [PageRef("doc2", 1), PageRef("doc1", 1)]
    told = index.pages([point_id(index.schema, page) for page in pages]).values()
    assert {each.page: (each.title, each.page_count) for each in told} == dict(
        zip(pages, [("Tides", 5), ("", None)], strict=True)
    )


def test_points_tell_the_fields_asked_as_filters_see_them(
    index: VectorIndex, library: list[PagePoint]
) -> None:
    index.upsert(library)
    metadata = {"year": 2021, "tags": ("q3", "q4"), "due": "2024-12-31", "a.b [x]": True}
    index.set_document(document("doc2", kind="office", metadata=metadata, info=PdfInfo(title="Tides")))
    names = ["kind", "pdf_title", "pdf_author", "page_number", *metadata, "nowhere"]
    pages = [PageRef("doc2", 3), PageRef("doc1", 1), PageRef("gone", 1)]
    ids = [point_id(index.schema, page) for page in pages]
    expected = {"kind": "office", "pdf_title": "Tides", "page_number": 3, **metadata}
    assert index.fields(ids, names) == {ids[0]: expected, ids[1]: {"page_number": 1}}
    assert index.fields(ids[:1], ["tags"]) == {ids[0]: {"tags": ("q3", "q4")}}
    assert index.fields([], names) == {}


def test_fields_are_indexed_as_often_as_one_likes(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    for _ in range(2):
        index.index_fields()
    assert len(pages_where(index, {"document_id": "doc1"})) == 5


def test_pages_without_regions_have_no_region_score(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library)
    found = late_interaction(index, np.eye(8, dtype=np.float32)[:2])
    assert set(found) == {point.page for point in library if point.regions is not None}
    some = [point_id(index.schema, page) for page in list(found)[:3]]
    assert set(index.region_scores(encode_tokens(np.eye(8, dtype=np.float32)), some)) == set(some)


def test_a_page_that_is_gone_is_left_out(index: VectorIndex, library: list[PagePoint]) -> None:
    index.upsert(library[:1])
    ids = [point_id(index.schema, point.page) for point in library[:2]]
    assert {key: stored.page for key, stored in index.pages(ids).items()} == {ids[0]: library[0].page}
    assert index.pages([]) == {}


@pytest.mark.parametrize("engine", ["edge", "qdrant"])
def test_regions_in_floats_are_stored_and_compared_as_they_are(
    tmp_path: Path, schema: IndexSchema, make_page: MakePage, engine: str
) -> None:
    floats = replace(schema, region_type=RegionType.FLOAT16)
    index: VectorIndex
    if engine == "edge":
        index = EdgeIndex.open(tmp_path, floats)
    else:
        index = QdrantIndex(QdrantClient(":memory:"), floats)
    regions = np.random.default_rng(5).normal(size=(4, 8)).astype(np.float32)
    page = replace(make_page("doc", 1), regions=regions)
    index.upsert([page])
    (stored,) = index.points()
    assert stored.regions is not None
    np.testing.assert_allclose(stored.regions.astype(np.float32), regions, rtol=HALF, atol=HALF)
    tokens = np.random.default_rng(6).normal(size=(3, 8)).astype(np.float32)
    key = point_id(floats, page.page)
    found = index.region_scores(QueryTokens(tokens), [key])[key]
    assert found == pytest.approx(naive_maxsim(tokens, regions), rel=1e-2)
    with pytest.raises(IndexMismatch, match="is of uint8, the index expects float16"):
        index.upsert([make_page("doc", 2)])
    index.close()


# Congruence: the same points and queries, two engines, one answer.


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_engines_find_alike(
    edge: EdgeIndex, qdrant: QdrantIndex, library: list[PagePoint], make_query: MakeQuery, seed: int
) -> None:
    edge.upsert(library)
    qdrant.upsert(library)
    asked: QueryVectors = make_query(seed)
    queries = [
        Nearest(FULL, asked.embedding, 50),
        *(asking(*asked.terms, name=name) for name in (TEXT, READ)),
    ]
    for where in (None, in_documents("doc0", "doc3")):
        for query in queries:
            here, there = found_by(edge, query, where), found_by(qdrant, query, where)
            assert here == {page: pytest.approx(score, rel=2e-2, abs=2e-2) for page, score in there.items()}
    ids = [point_id(edge.schema, point.page) for point in library]
    assert asked.tokens is not None
    expected = qdrant.region_scores(asked.tokens, ids)
    assert edge.region_scores(asked.tokens, ids) == pytest.approx(expected, rel=HALF)


def test_engines_store_alike(edge: EdgeIndex, qdrant: QdrantIndex, library: list[PagePoint]) -> None:
    edge.upsert(library)
    qdrant.upsert(list(edge.points()))
    for one, other in zip(edge.points(), qdrant.points(), strict=True):
        assert_same_page(one, other)

"""Pages that are asked for again are not asked of the engine again, and never told as they were before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vdr.index import VectorIndex, point_id
from vdr.index.engine import StoredPage
from vdr.index.known_pages import KnownPages
from vdr.types import Document, Indexing, PagePoint, PageRef

PAGES = {name: StoredPage(PageRef(name, 1), name) for name in "abc"}


def test_only_what_is_not_known_is_asked_for() -> None:
    known, asked = KnownPages(), list[list[str]]()

    def ask(points: Sequence[str]) -> Mapping[str, StoredPage]:
        asked.append(list(points))
        return {point: PAGES[point] for point in points if point in PAGES}

    assert known.get("ab", ask) == {"a": PAGES["a"], "b": PAGES["b"]}
    assert list(known.get("cxa", ask)) == ["c", "a"]
    known.forget("a")
    known.get("abc", ask)
    known.forget_document("b")
    known.get("abc", ask)
    assert asked == [["a", "b"], ["c", "x"], ["a"], ["b"]]


def test_what_changes_while_it_is_asked_for_is_not_kept() -> None:
    known = KnownPages()

    def changing(points: Sequence[str]) -> Mapping[str, StoredPage]:
        before = {point: PAGES[point] for point in points}
        known.forget(points)
        return before

    known.get("a", changing)
    now = replace(PAGES["a"], document_name="new")
    assert known.get("a", lambda _: {"a": now}) == {"a": now}


def test_every_change_is_seen_at_once(index: VectorIndex, make_page: Callable[..., PagePoint]) -> None:
    page = make_page("aa", 1)
    point = point_id(index.schema, page.page)
    document = Document("aa", "renamed.pdf", 1, "2025-03-01", Indexing("g1"), page_count=1)

    def told() -> StoredPage | None:
        return index.pages([point]).get(point)

    assert told() is None
    index.upsert([page])
    assert told() is not None
    index.set_document(document)
    assert (stored := told()) is not None and stored.document_name == "renamed.pdf"
    index.set_page_labels("aa", {1: "iv"})
    assert (stored := told()) is not None and stored.page_label == "iv"
    index.delete_document("aa")
    assert told() is None


def test_a_change_has_a_number_of_its_own(edge: VectorIndex, make_page: Callable[..., PagePoint]) -> None:
    page = make_page("aa", 1)
    document = Document("aa", "renamed.pdf", 1, "2025-03-01", Indexing("g1"), page_count=1)
    terms = page.text_terms
    assert terms is not None
    changes = [
        lambda: edge.upsert([page]),
        lambda: edge.set_words("aa", {1: terms}, {}),
        lambda: edge.set_document(document),
        lambda: edge.set_page_labels("aa", {1: "iv"}),
        lambda: edge.delete_document("aa"),
    ]
    seen = {edge.changes}
    for change in changes:
        change()
        assert edge.changes not in seen
        seen.add(edge.changes)
    edge.count()
    assert edge.changes in seen


def test_nobody_knows_the_changes_of_a_server(qdrant: VectorIndex) -> None:
    assert qdrant.changes is None

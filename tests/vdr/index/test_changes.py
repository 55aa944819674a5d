"""What pages say is never told as it was before a change, and each change has a number."""

from collections.abc import Callable

from vdr.index import VectorIndex, point_id
from vdr.index.engine import StoredPage
from vdr.types import Document, Indexing, PagePoint


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

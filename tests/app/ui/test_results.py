"""Hits as cards."""

from app.ui.results import results_view
from vdr.types import Document, Hit, Indexing, PageRef, SearchResult, Snippet, Stage


def test_of_several_rerankers_a_card_shows_the_last_one() -> None:
    document = Document("a" * 64, "a.pdf", 1, "2026-01-01T00:00:00+00:00", Indexing("g1"))
    stages = {Stage.FUSION: 0.4, Stage.LATE_INTERACTION: 0.6, Stage.CROSS_ENCODER: -2.5}
    hit = Hit(1, PageRef("a" * 64, 1), "a.pdf", -2.5, stages, Snippet(""))
    view = results_view(SearchResult((hit,), {"total": 1.0}), {"a" * 64: document}, "fees", shown=10)
    assert view.hits[0].stages == [("Combined", "0.4"), ("Reranked", "-2.5")]

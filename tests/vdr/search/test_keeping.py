"""What is kept of a search: what was asked and shown, as far as any database takes it."""

from PIL import Image

from vdr.catalogue.keeper import SearchKeeper
from vdr.feedback import KeptHit
from vdr.search.keeping import kept
from vdr.settings import FeedbackSettings
from vdr.types import Generation, Hit, PageRef, SearchRequest, SearchResult, Snippet, Stage

GENERATION = Generation("default", "g1", "2026-01-01")
PAGES = [PageRef("a" * 64, number) for number in (1, 2, 3)]


class Noted(SearchKeeper):
    """Keeps searches in a list."""

    def __init__(self, days: float = 30.0) -> None:
        super().__init__(None, FeedbackSettings(keep_searches_days=days))  # type: ignore[arg-type]
        self.noted = []

    def keep(self, collection, search):
        self.noted.append((collection, search))


def result():
    hits = (
        Hit(rank, page, "a.pdf", 1 / 3, {Stage.FULL: 2 / 3}, Snippet(""), confidence=1 / 7)
        for rank, page in enumerate(PAGES, 1)
    )
    return SearchResult(tuple(hits), {"total": 1.0})


def keep(request, days=30.0, **options):
    keeper = Noted(days)
    found = kept(keeper, GENERATION, request, result(), **options)
    return found, keeper.noted


def test_hits_are_kept_as_they_were_shown():
    found, ((collection, search),) = keep(SearchRequest("fees"), shown=2, key_id="k1")
    assert (collection, search.search_id, search.key_id) == ("default", found.search_id, "k1")
    assert search.hits == tuple(
        KeptHit(page, rank, 0.33333, 0.14286, {"full": 0.66667}) for rank, page in enumerate(PAGES[:2], 1)
    )
    assert len(found.hits) == 3


def test_halves_of_characters_and_zeros_are_left_out():
    _, ((_, search),) = keep(SearchRequest("fees \ud800\0", sort_field="x\0"))
    assert search.text == "fees ?"
    assert search.request["sort_field"] == "x"


def test_of_an_image_it_is_kept_that_there_was_one_and_of_a_page_which():
    _, ((_, by_image),) = keep(SearchRequest(image=Image.new("RGB", (8, 8))))
    assert (by_image.text, by_image.request["image"]) == ("", True)
    _, ((_, by_page),) = keep(SearchRequest(page=PAGES[1]))
    assert by_page.request["page"] == {"document_id": "a" * 64, "page_number": 2}


def test_nothing_is_kept_for_no_days():
    found, noted = keep(SearchRequest("fees"), days=0.0)
    assert (found.search_id, noted) == (None, [])

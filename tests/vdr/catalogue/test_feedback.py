"""Searches are kept with what people say of them; by SQLite and PostgreSQL alike."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from tests.fixtures.catalogues import database_in
from tests.fixtures.judged import BLUE, RED, kept_search, said
from tests.vdr.catalogue.test_documents import document
from vdr.catalogue.collections import Collections
from vdr.catalogue.documents import Catalogue
from vdr.catalogue.feedback import FeedbackNotes
from vdr.catalogue.searches import Searches, expire, keep_searches
from vdr.errors import FeedbackNotFound, NotFound, PageNotShown, SearchNotFound, TooMuchFeedback
from vdr.feedback import Choice, Deleted, FeedbackKind
from vdr.settings import IndexSettings
from vdr.types import PageRef

RIGHT, WRONG, EXPECTED = FeedbackKind.RIGHT, FeedbackKind.WRONG, FeedbackKind.EXPECTED
NOTHING, OPENED, DWELT = FeedbackKind.NOTHING, FeedbackKind.OPENED, FeedbackKind.DWELT
MOST = 50


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    settings = IndexSettings(data_dir=tmp_path)
    if request.param == "postgresql":
        settings = IndexSettings(database_url=SecretStr(request.getfixturevalue("database_url")))
    engine = database_in(settings)
    yield engine
    engine.dispose()


@pytest.fixture
def catalogue(engine):
    """The catalogue of a collection with two documents, of five pages each."""
    opened = Catalogue(engine, "default", Collections(engine).ensure("default").serving)
    for name in (BLUE, RED):
        opened.add(replace(document(1), document_id=name, page_count=5))
    return opened


@pytest.fixture
def notes(engine, catalogue):
    return FeedbackNotes(engine, "default")


@pytest.fixture
def searches(engine, catalogue):
    return Searches(engine, "default")


@pytest.fixture
def search(engine, catalogue):
    kept = kept_search()
    keep_searches(engine, [("default", kept)])
    return kept


def all_of(searches, **options):
    return [(search.search_id, [each.kind for each in told]) for search, told in searches.each(**options)]


class TestKeeping:
    def test_a_search_comes_back_as_it_was(self, searches, search):
        assert searches.get(search.search_id) == search

    def test_it_is_kept_once(self, engine, searches, search):
        keep_searches(engine, [("default", search)])
        assert searches.count() == 1

    def test_none_is_kept_of_a_collection_that_is_gone(self, engine, searches, search):
        keep_searches(engine, [("nowhere", kept_search())])
        with pytest.raises(SearchNotFound):
            Searches(engine, "nowhere").get(search.search_id)
        assert Searches(engine, "nowhere").count() == 0

    def test_any_number_comes_in_order(self, engine, searches, notes):
        kept = [kept_search(asked_at=f"2026-03-01T09:30:00.{n % 7:06}") for n in range(450)]
        keep_searches(engine, [("default", each) for each in kept])
        found = [search for search, _ in searches.each(unjudged=True)]
        assert found == sorted(kept, key=lambda each: (each.asked_at, each.search_id))
        assert all_of(searches) == []


class TestNoting:
    def test_what_is_said_is_found_with_its_search(self, searches, notes, search):
        given, is_new = notes.note(said(search, RIGHT, 2, reporter="ada"), MOST)
        assert is_new
        assert given.noted_at
        assert list(searches.each()) == [(search, (given,))]

    def test_what_is_said_twice_counts_once(self, searches, notes, search):
        first, _ = notes.note(said(search, RIGHT, 2), MOST)
        assert notes.note(said(search, RIGHT, 2), MOST) == (first, False)
        assert all_of(searches) == [(search.search_id, [RIGHT])]

    def test_two_reporters_count_twice(self, searches, notes, search):
        for told in ({"reporter": "ada"}, {"reporter": "bob"}, {"reporter": "ada", "key_id": "k1"}):
            assert notes.note(said(search, RIGHT, 2, **told), MOST)[1]
        assert all_of(searches) == [(search.search_id, [RIGHT] * 3)]

    def test_right_takes_back_wrong_of_the_same_reporter_alone(self, searches, notes, search):
        notes.note(said(search, WRONG, 2, reporter="ada"), MOST)
        notes.note(said(search, WRONG, 2, reporter="bob"), MOST)
        notes.note(said(search, RIGHT, 2, reporter="ada"), MOST)
        ((_, told),) = searches.each()
        assert {(each.reporter, each.kind) for each in told} == {("ada", RIGHT), ("bob", WRONG)}

    def test_of_two_times_the_longer_one_counts(self, searches, notes, search):
        for ms in (2_000, 9_000, 4_000):
            found, _ = notes.note(said(search, DWELT, 1, dwelt_ms=ms), MOST)
        assert found.dwelt_ms == 9_000
        assert all_of(searches) == [(search.search_id, [DWELT])]

    def test_it_is_undone(self, searches, notes, search):
        given, _ = notes.note(said(search, NOTHING), MOST)
        notes.undo(given.feedback_id)
        assert all_of(searches) == []
        with pytest.raises(FeedbackNotFound):
            notes.undo(given.feedback_id)

    @pytest.mark.parametrize(
        ("kind", "document_id", "number", "error"),
        [
            (RIGHT, BLUE, 4, PageNotShown),
            (WRONG, RED, 1, PageNotShown),
            (EXPECTED, BLUE, 6, NotFound),
            (OPENED, "d" * 64, 1, NotFound),
            (OPENED, BLUE, 0, NotFound),
        ],
    )
    def test_a_page_that_is_not_there_or_was_not_shown(
        self, searches, notes, search, kind, document_id, number, error
    ):
        with pytest.raises(error):
            notes.note(said(search, kind, number, document_id), MOST)
        assert all_of(searches) == []

    def test_any_page_of_the_collection_may_be_expected(self, searches, notes, search):
        given, _ = notes.note(said(search, EXPECTED, 5, RED), MOST)
        assert given.page == PageRef(RED, 5)

    def test_a_search_of_another_collection(self, engine, notes, search):
        Collections(engine).ensure("other")
        with pytest.raises(SearchNotFound):
            FeedbackNotes(engine, "other").note(said(search, NOTHING), MOST)
        assert all_of(Searches(engine, "other")) == []

    def test_nobody_says_more_than_a_person_does(self, searches, notes, search):
        for number in (1, 2):
            notes.note(said(search, OPENED, number, reporter="ada"), 2)
        with pytest.raises(TooMuchFeedback):
            notes.note(said(search, OPENED, 3, reporter="ada"), 2)
        assert not notes.note(said(search, OPENED, 1, reporter="ada"), 2)[1]
        assert all_of(searches) == [(search.search_id, [OPENED] * 2)]

    def test_made_up_names_get_no_further(self, searches, notes, search):
        for n in range(4):
            notes.note(said(search, OPENED, 1, reporter=f"r{n}"), 1)
        with pytest.raises(TooMuchFeedback):
            notes.note(said(search, OPENED, 1, reporter="r4"), 1)


class TestDeleting:
    @pytest.fixture
    def other(self, engine, search):
        kept = kept_search("tides", asked_at="2026-04-01T09:30:00.000000+00:00", key_id="k1")
        keep_searches(engine, [("default", kept)])
        return kept

    @pytest.fixture
    def told(self, notes, search, other):
        for each in (said(search, RIGHT, 1, reporter="ada"), said(search, OPENED, 2, reporter="bob")):
            notes.note(each, MOST)
        notes.note(said(other, RIGHT, 1, reporter="ada", key_id="k1"), MOST)

    @pytest.mark.parametrize(
        ("choice", "gone", "left"),
        [
            ({"reporter": "ada"}, Deleted(2, 0), [OPENED]),
            ({"reporter": "nobody"}, Deleted(0, 0), [RIGHT, OPENED, RIGHT]),
            ({"key_id": "k1"}, Deleted(1, 1), [RIGHT, OPENED]),
            ({"before": "2026-03-15"}, Deleted(2, 1), [RIGHT]),
            ({"before": "2999-01-01"}, Deleted(3, 2), []),
        ],
    )
    def test_what_is_chosen_goes(self, searches, notes, told, choice, gone, left):
        assert notes.delete(Choice(**choice)) == gone
        assert [kind for _, kinds in all_of(searches) for kind in kinds] == left

    def test_a_search_goes_with_all_that_is_said_of_it(self, searches, notes, told, search, other):
        assert notes.delete(Choice(search_id=search.search_id)) == Deleted(2, 1)
        assert all_of(searches) == [(other.search_id, [RIGHT])]

    def test_an_export_is_of_the_same_choice(self, searches, told, search, other):
        assert all_of(searches, choice=Choice(reporter="bob")) == [(search.search_id, [OPENED])]
        assert all_of(searches, choice=Choice(key_id="k1"), unjudged=True) == [(other.search_id, [RIGHT])]

    def test_a_document_takes_with_it_what_is_said_of_its_pages(
        self, catalogue, searches, notes, told, search
    ):
        notes.note(said(search, EXPECTED, 1, RED), MOST)
        catalogue.mark_deleted(BLUE)
        catalogue.remove(BLUE)
        assert all_of(searches) == [(search.search_id, [EXPECTED])]

    def test_a_collection_takes_everything_with_it(self, engine, searches, told):
        collections = Collections(engine)
        collections.mark_deleted("default")
        collections.remove("default")
        collections.ensure("default")
        assert searches.count() == 0
        assert all_of(searches) == []


class TestTime:
    JULY, JUNE = "2026-07-01", "2026-06-01"

    def test_what_nobody_has_judged_goes_first(self, engine, searches, notes, search):
        opened, judged = kept_search(), kept_search()
        keep_searches(engine, [("default", each) for each in (opened, judged)])
        notes.note(said(opened, OPENED, 1), MOST)
        notes.note(said(judged, RIGHT, 1), MOST)
        assert not expire(engine, self.JULY, None)
        assert all_of(searches, unjudged=True) == [(judged.search_id, [RIGHT])]

    def test_what_is_judged_goes_when_its_own_time_is_over(self, engine, searches, notes, search):
        notes.note(said(search, RIGHT, 1), MOST)
        expire(engine, self.JULY, "2026-02-01")
        assert searches.count() == 1
        expire(engine, self.JULY, self.JUNE)
        assert searches.count() == 0

    def test_what_is_younger_stays(self, engine, searches, search):
        expire(engine, "2026-02-01", None)
        assert searches.count() == 1

    def test_much_goes_in_steps(self, engine, searches):
        keep_searches(engine, [("default", kept_search()) for _ in range(700)])
        assert expire(engine, self.JULY, None)
        assert 0 < searches.count() < 700
        assert not expire(engine, self.JULY, None)
        assert searches.count() == 0


def test_counts_are_by_kind_and_day(notes, search):
    first, _ = notes.note(said(search, RIGHT, 1), MOST)
    notes.note(said(search, OPENED, 1), MOST)
    notes.note(said(search, OPENED, 2), MOST)
    day = first.noted_at[:10]
    assert notes.by_kind_and_day() == {("right", day): 1, ("opened", day): 2}


def test_votes_are_judgements_of_pages_by_questions_in_words(engine, notes, search):
    by_image = kept_search("")
    keep_searches(engine, [("default", by_image)])
    right, _ = notes.note(said(search, RIGHT, 1, reporter="ada"), MOST)
    for each in (said(search, OPENED, 1), said(search, NOTHING), said(by_image, RIGHT, 1)):
        notes.note(each, MOST)
    (vote,) = notes.votes()
    assert (vote.who, vote.kind, vote.text, vote.page) == ("ada", RIGHT, "harbour dues", PageRef(BLUE, 1))
    assert vote.feedback_id == right.feedback_id

"""Searches are written down in the background; none waits, and none is queued without end."""

import logging
from contextlib import contextmanager
from threading import Event

import pytest

from tests.fixtures.catalogues import database_in
from tests.fixtures.judged import kept_search
from vdr.catalogue import keeper as keeping
from vdr.catalogue.collections import Collections
from vdr.catalogue.keeper import SearchKeeper
from vdr.catalogue.searches import Searches, keep_searches
from vdr.errors import DatabaseUnavailable
from vdr.feedback import days_ago
from vdr.settings import FeedbackSettings, IndexSettings


@pytest.fixture
def engine(tmp_path):
    engine = database_in(IndexSettings(data_dir=tmp_path))
    Collections(engine).ensure("default")
    yield engine
    engine.dispose()


@contextmanager
def keeping_in(engine, **settings):
    keeper = SearchKeeper(engine, FeedbackSettings(**settings))
    try:
        yield keeper
    finally:
        keeper.close()


def fresh():
    return kept_search(asked_at=days_ago(0))


def test_what_was_handed_in_is_there_after_a_flush(engine):
    with keeping_in(engine) as keeper:
        search = fresh()
        keeper.keep("default", search)
        keeper.flush()
        assert Searches(engine, "default").get(search.search_id) == search


def test_what_is_left_is_written_at_the_end(engine):
    with keeping_in(engine) as keeper:
        for _ in range(3):
            keeper.keep("default", fresh())
    assert Searches(engine, "default").count() == 3


def test_nothing_is_begun_where_nothing_is_kept(engine):
    with keeping_in(engine, keep_searches_days=0) as keeper:
        assert not keeper.is_on
        keeper.flush()


@pytest.fixture
def stuck(monkeypatch):
    """A database that does not answer until it is let go."""
    go_on, begun = Event(), Event()

    def wait(engine, asked):
        begun.set()
        assert go_on.wait(30)
        keep_searches(engine, asked)

    monkeypatch.setattr(keeping, "keep_searches", wait)
    monkeypatch.setattr(keeping, "_MOST_WAITING", 2)
    monkeypatch.setattr(keeping, "_GATHER_S", 0.0)
    return go_on, begun


def test_what_a_slow_database_cannot_take_is_dropped_and_counted(engine, stuck):
    go_on, begun = stuck
    with keeping_in(engine) as keeper:
        keeper.keep("default", fresh())
        assert begun.wait(30)
        for _ in range(5):
            keeper.keep("default", fresh())
        assert keeper.dropped == 3
        go_on.set()
    assert Searches(engine, "default").count() == 3


@pytest.mark.parametrize("error", [DatabaseUnavailable("It is gone."), ValueError("odd")])
def test_a_database_that_fails_costs_the_searches_at_hand_alone(engine, monkeypatch, caplog, error):
    failing = [True]

    def fail_once(*arguments):
        if failing.pop():
            failing.append(False)
            raise error
        failing.append(False)
        keep_searches(*arguments)

    monkeypatch.setattr(keeping, "keep_searches", fail_once)
    with keeping_in(engine) as keeper, caplog.at_level(logging.WARNING):
        keeper.keep("default", fresh())
        keeper.flush()
        assert keeper.dropped == 1
        assert "1 searches were not kept" in caplog.text
        keeper.keep("default", fresh())
        keeper.flush()
    assert Searches(engine, "default").count() == 1


@pytest.mark.parametrize(("days", "left"), [(30, 1), (0, 0)])
def test_what_is_over_is_deleted_when_it_begins(engine, days, left):
    """With 0 days what was kept before goes as well."""
    keep_searches(engine, [("default", kept_search(asked_at=days_ago(age))) for age in (1, 31)])
    with keeping_in(engine, keep_searches_days=days) as keeper:
        keeper.start()
    assert Searches(engine, "default").count() == left


def test_a_deletion_that_fails_is_told_and_tried_again_later(engine, monkeypatch, caplog):
    def fail(*_):
        raise DatabaseUnavailable("It is gone.")

    monkeypatch.setattr(keeping, "expire", fail)
    with caplog.at_level(logging.WARNING), keeping_in(engine) as keeper:
        keeper.keep("default", fresh())
    assert "whose time is over were not deleted" in caplog.text
    assert Searches(engine, "default").count() == 1

"""Workers see which of the others have died, and each of the dead is taken over once."""

import time

import pytest

from indexer.alive import Heartbeat
from indexer.database import open_database
from vdr.settings import IndexSettings

PATIENCE_S = 0.2


@pytest.fixture
def engine(tmp_path):
    opened = open_database(IndexSettings(data_dir=tmp_path))
    yield opened
    opened.dispose()


def dead(heart, at_work=(), seconds=PATIENCE_S):
    heart.claim_dead(set(at_work))
    time.sleep(seconds)
    return heart.claim_dead(set(at_work))


def test_one_that_beats_is_alive(engine):
    one, other = (Heartbeat(engine, name, PATIENCE_S) for name in ("one", "other"))
    other.beat()
    one.claim_dead(set())
    time.sleep(PATIENCE_S)
    other.beat()
    assert one.claim_dead(set()) == []


def test_one_that_stopped_beating_is_claimed_by_one_of_the_others(engine):
    watchers = [Heartbeat(engine, name, PATIENCE_S) for name in ("one", "two")]
    Heartbeat(engine, "dead", PATIENCE_S).beat()
    for watcher in watchers:
        watcher.beat()
        watcher.claim_dead(set())
    time.sleep(PATIENCE_S)
    for watcher in watchers:
        watcher.beat()
    assert sorted(watcher.claim_dead(set()) for watcher in watchers) == [[], ["dead"]]


def test_one_that_left_is_not_looked_for(engine):
    heart, leaving = Heartbeat(engine, "one", PATIENCE_S), Heartbeat(engine, "leaving", PATIENCE_S)
    leaving.beat()
    leaving.leave()
    assert dead(heart) == []


def test_one_that_has_jobs_but_never_beat_is_dead_too(engine):
    assert dead(Heartbeat(engine, "one", PATIENCE_S), ["unheard"]) == ["unheard"]


def test_it_waits_before_it_judges(engine):
    assert dead(Heartbeat(engine, "one", 3600), ["unheard"]) == []


def test_it_never_claims_itself(engine):
    heart = Heartbeat(engine, "one", PATIENCE_S)
    heart.beat()
    assert dead(heart, ["one"]) == []

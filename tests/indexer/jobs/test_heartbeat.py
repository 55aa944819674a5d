"""Workers see which of the others have died, and each of the dead is taken over once."""

import pytest

from indexer.jobs.heartbeat import Heartbeat, Onlooker, Watch
from tests.fixtures.catalogues import database_in
from vdr.settings import IndexSettings

PATIENCE_S = 20.0
LOOKS = 4  # within the patience


class Clock:
    """Stands still until it is set."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Worker(Heartbeat):
    """One that beats and looks like any other, by a clock of its own; it notes whom it has claimed."""

    def __init__(self, engine, executor_id, patience_s=PATIENCE_S):
        self.clock, self.claimed = Clock(), []
        super().__init__(engine, executor_id, patience_s, self.clock)

    def look(self, at_work=()):
        self.beat()
        self.claimed += self.claim_dead(set(at_work))


def pass_patience(*workers, at_work=()):
    """Let a whole patience pass, in which the workers look and beat."""
    for worker in workers:
        worker.look(at_work)
    for _ in range(LOOKS):
        for worker in workers:
            worker.clock.now += PATIENCE_S / LOOKS
            worker.look(at_work)


@pytest.fixture
def engine(tmp_path):
    opened = database_in(IndexSettings(data_dir=tmp_path))
    yield opened
    opened.dispose()


def test_one_that_beats_is_alive(engine):
    one, other = Worker(engine, "one"), Worker(engine, "other")
    pass_patience(one, other)
    assert one.claimed == []


def test_one_that_stopped_beating_is_claimed_by_one_of_the_others(engine):
    watchers = [Worker(engine, "one"), Worker(engine, "two")]
    Worker(engine, "dead").beat()
    pass_patience(*watchers)
    assert [watcher.claimed for watcher in watchers] == [["dead"], []]


def test_one_that_left_is_not_looked_for(engine):
    one, leaving = Worker(engine, "one"), Worker(engine, "leaving")
    leaving.beat()
    leaving.leave()
    pass_patience(one)
    assert one.claimed == []


def test_one_that_has_jobs_but_never_beat_is_dead_too(engine):
    one = Worker(engine, "one")
    pass_patience(one, at_work=["unheard"])
    assert one.claimed == ["unheard"]


def test_it_waits_before_it_judges(engine):
    one = Worker(engine, "one", 2 * PATIENCE_S)
    pass_patience(one, at_work=["unheard"])
    assert one.claimed == []


def test_it_never_claims_itself(engine):
    one = Worker(engine, "one")
    pass_patience(one, at_work=["one"])
    assert one.claimed == []


def test_one_that_could_not_look_gives_everybody_a_whole_patience_anew(engine):
    one, silent = Worker(engine, "one"), Worker(engine, "silent")
    silent.beat()
    one.look()
    one.clock.now += 3 * PATIENCE_S  # the database was away, and nobody could beat
    one.look()
    assert one.claimed == []
    pass_patience(one)
    assert one.claimed == ["silent"]


class TestOnlooker:
    @pytest.fixture
    def clock(self):
        return Clock()

    @pytest.fixture
    def onlooker(self, engine, clock):
        return Onlooker(engine, PATIENCE_S, clock)

    def looks(self, onlooker, clock):
        """What is seen at each look within a patience that is passing."""
        seen = []
        for _ in range(LOOKS):
            clock.now += PATIENCE_S / LOOKS
            seen.append(onlooker.sees_a_worker())
        return seen

    def test_where_none_ever_beat_there_is_none(self, onlooker):
        assert not onlooker.sees_a_worker()

    def test_one_is_there_until_it_has_not_beaten_for_the_patience(self, engine, onlooker, clock):
        worker = Worker(engine, "worker")
        worker.beat()
        assert onlooker.sees_a_worker()
        assert self.looks(onlooker, clock) == [True, True, True, False]
        worker.beat()
        assert onlooker.sees_a_worker()

    def test_one_of_several_is_enough(self, engine, onlooker, clock):
        worker = Worker(engine, "worker")
        Worker(engine, "dead").beat()
        for _ in range(2 * LOOKS):
            worker.beat()
            assert onlooker.sees_a_worker()
            clock.now += PATIENCE_S / LOOKS

    def test_one_that_left_is_gone_at_once(self, engine, onlooker):
        worker = Worker(engine, "worker")
        worker.beat()
        assert onlooker.sees_a_worker()
        worker.leave()
        assert not onlooker.sees_a_worker()

    def test_after_the_database_was_away_one_has_a_whole_patience_anew(self, engine, onlooker, clock):
        Worker(engine, "worker").beat()
        assert onlooker.sees_a_worker()
        clock.now += 3 * PATIENCE_S
        assert onlooker.sees_a_worker()
        assert self.looks(onlooker, clock) == [True, True, True, False]


def test_a_watch_counts_those_that_have_beaten_since_it_looked_or_may_still(engine):
    clock = Clock()
    one, other = Heartbeat(engine, "one"), Heartbeat(engine, "other")
    watch = Watch(engine, 20.0, clock)
    assert watch.count() == 0
    one.beat()
    other.beat()
    assert watch.count() == 2
    clock.now += 15
    one.beat()
    assert watch.count() == 2
    clock.now += 15  # the other has not beaten for 30 s, the one may have just now
    assert watch.count() == 1
    other.beat()
    assert watch.count() == 2
    one.leave()
    assert watch.count() == 1

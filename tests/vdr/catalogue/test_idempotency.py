"""Keys of requests: claimed by one, answered once, forgotten after a while."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.fixtures.catalogues import database_in
from vdr.catalogue.collections import Collections
from vdr.catalogue.idempotency import Answered, Claim, IdempotencyKeys
from vdr.errors import RequestInProgress
from vdr.settings import IndexSettings

DAY = timedelta(days=1)


@pytest.fixture
def engine(tmp_path):
    opened = database_in(IndexSettings(data_dir=tmp_path))
    yield opened
    opened.dispose()


@pytest.fixture
def keys(engine):
    return IdempotencyKeys(engine, "default", DAY)


@pytest.fixture
def at(monkeypatch):
    """Has what is noted from now on be noted at another time."""

    def set_time(text):
        monkeypatch.setattr("vdr.catalogue.idempotency.now", lambda: text)

    return set_time


def test_what_was_answered_is_told_to_whoever_asks_again(keys):
    claim = keys.claim("k")
    assert isinstance(claim, Claim)
    keys.keep(claim, "digest", {"uploads": []})
    assert keys.claim("k") == Answered("digest", {"uploads": []})


def test_while_it_is_being_answered_nobody_else_may(keys):
    keys.claim("k")
    with pytest.raises(RequestInProgress, match="k is not answered yet") as caught:
        keys.claim("k")
    assert caught.value.retry_after_s


def test_of_many_at_once_one_answers(keys):
    def claimed(_):
        try:
            return isinstance(keys.claim("k"), Claim)
        except RequestInProgress:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(claimed, range(16))) == 1


def test_what_was_released_may_be_tried_again(keys):
    keys.release(keys.claim("k"))
    assert isinstance(keys.claim("k"), Claim)


def test_collections_have_keys_of_their_own(engine, keys):
    keys.claim("k")
    assert isinstance(IdempotencyKeys(engine, "other", DAY).claim("k"), Claim)


def test_an_abandoned_claim_is_taken_over_and_its_holder_can_keep_nothing(keys, at):
    at("2020-01-01T00:00:00.000000+00:00")
    before = keys.claim("k")
    at("2999-01-01T00:00:00.000000+00:00")
    after = keys.claim("k")
    assert isinstance(after, Claim)
    keys.keep(before, "late", {})
    keys.release(before)
    keys.keep(after, "digest", {"answer": 1})
    assert keys.claim("k") == Answered("digest", {"answer": 1})


def test_one_that_is_renewed_is_not_abandoned(keys, at):
    at("2020-01-01T00:00:00.000000+00:00")
    claim = keys.claim("k")
    at("2999-01-01T00:00:00.000000+00:00")
    keys.renew(claim)
    with pytest.raises(RequestInProgress):
        keys.claim("k")


def test_answers_are_forgotten_after_their_time(keys, at):
    claim = keys.claim("k")
    at("2020-01-01T00:00:00.000000+00:00")
    keys.keep(claim, "digest", {})
    assert isinstance(keys.claim("k"), Claim)


def test_a_collection_takes_its_keys_with_it(engine, keys):
    collections = Collections(engine)
    collections.ensure("default")
    keys.keep(keys.claim("k"), "digest", {})
    collections.mark_deleted("default")
    collections.remove("default")
    assert isinstance(keys.claim("k"), Claim)

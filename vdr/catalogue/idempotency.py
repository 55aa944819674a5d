"""Requests that came with a key of their client's: their answers are kept, and given again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, and_, delete, or_, select, update

from vdr.catalogue.rows import insert_new, now
from vdr.catalogue.tables import idempotency_keys as _keys
from vdr.errors import RequestInProgress

# Whoever answers a request renews its claim every few seconds. Longer than clocks of machines differ.
ABANDONED_S = 60.0


@dataclass(frozen=True, slots=True)
class Claim:
    """That a request is being answered, here."""

    key: str
    token: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A request that was answered: its digest, and the answer as JSON has it."""

    request: str
    answer: Mapping[str, Any]


class IdempotencyKeys:
    """The keys of one collection. Safe from several threads, and from several processes.

    Every method raises DatabaseUnavailable where the database does not answer.
    """

    def __init__(self, engine: Engine, collection: str, kept: timedelta) -> None:
        """Answers are `kept` for so long."""
        self._engine, self._collection, self._kept = engine, collection, kept

    def claim(self, key: str) -> Claim | Answered:
        """The answer that was given for a key, or that it is for the caller to answer now.

        Raises RequestInProgress while somebody else does.
        """
        claim = Claim(key, uuid4().hex)
        row = {"collection": self._collection, "key": key, "claim": claim.token, "touched_at": now()}
        with self._engine.begin() as connection:
            self._forget_old(connection)
            if insert_new(connection, _keys, row):
                return claim
            its = _keys.c.collection == self._collection, _keys.c.key == key
            found = connection.execute(select(_keys.c.request, _keys.c.answer).where(*its)).first()
        if found is None or found.request is None:
            raise RequestInProgress(f"The first request with the Idempotency-Key {key} is not answered yet.")
        return Answered(found.request, found.answer)

    def renew(self, claim: Claim) -> None:
        """Say that the request is still being answered."""
        with self._engine.begin() as connection:
            connection.execute(update(_keys).where(self._is(claim)).values(touched_at=now()))

    def keep(self, claim: Claim, request: str, answer: Mapping[str, Any]) -> None:
        """Note the answer to a request of this digest."""
        told = {"request": request, "answer": dict(answer), "touched_at": now()}
        with self._engine.begin() as connection:
            connection.execute(update(_keys).where(self._is(claim)).values(**told))

    def release(self, claim: Claim) -> None:
        """Forget a request that was not answered, or with a problem: it may be tried again."""
        with self._engine.begin() as connection:
            connection.execute(delete(_keys).where(self._is(claim)))

    def _is(self, claim: Claim) -> Any:  # noqa: ANN401 - whatever SQLAlchemy makes of it
        its = _keys.c
        return and_(its.collection == self._collection, its.key == claim.key, its.claim == claim.token)

    def _forget_old(self, connection: Connection) -> None:
        its = _keys.c
        is_abandoned = and_(its.request.is_(None), its.touched_at < _ago(timedelta(seconds=ABANDONED_S)))
        connection.execute(delete(_keys).where(or_(its.touched_at < _ago(self._kept), is_abandoned)))


def _ago(time: timedelta) -> str:
    return (datetime.now(UTC) - time).isoformat(timespec="microseconds")

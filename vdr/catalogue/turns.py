"""Whose turn it is: documents of many collections wait in one queue, and none waits for all of another.

Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996), each document costing the same: a collection's
next document comes one turn after its last one, but not before the turn that is being served. So the
thousandth document of one collection comes after the first of another, whichever came earlier.
"""

from sqlalchemy import Connection, func, select

from vdr.catalogue.tables import indexings as _indexings
from vdr.types import UNFINISHED, Priority


def next_turn(connection: Connection, collection: str, priority: Priority) -> int:
    """The turn of the next document that a collection queues with this priority."""
    table = _indexings.c
    same = table.priority == int(priority)
    newest = func.coalesce(func.max(table.turn), 0)
    own: int = connection.execute(select(newest).where(same, table.collection == collection)).scalar_one()
    waiting = [
        connection.execute(select(func.min(table.turn)).where(same, table.state == state)).scalar()
        for state in UNFINISHED
    ]
    served = min((turn for turn in waiting if turn is not None), default=None)
    if served is None:
        served = connection.execute(select(newest).where(same)).scalar_one()
    return int(max(own, served)) + 1

"""What happens to documents, as others are told of it."""

from typing import Protocol

from sqlalchemy import Connection

from vdr.types import Document


class Events(Protocol):
    """Whoever follows from a change, within its transaction: both happen, or neither."""

    def queued(self, connection: Connection, collection: str, document: Document) -> None:
        """The document is to be indexed, or if it is indexed, to be completed by OCR."""
        ...

    def ended(self, connection: Connection, collection: str, document: Document) -> None:
        """The document was indexed, failed or was cancelled."""
        ...


class Quietly:
    """Others are told of documents to be indexed, and not of their end: of that they have known before."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def queued(self, connection: Connection, collection: str, document: Document) -> None:
        """As those that it stands for."""
        self._events.queued(connection, collection, document)

    def ended(self, connection: Connection, collection: str, document: Document) -> None:
        """Nobody is told."""

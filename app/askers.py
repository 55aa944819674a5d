"""Who asks: the API key that the request at hand came with, where keys are used."""

from contextvars import ContextVar

# Set by what checks keys, in middleware: each request has a context of its own.
KEY_ID: ContextVar[str | None] = ContextVar("key_id", default=None)


def key_id() -> str | None:
    """The id of the key, which says nothing of the key itself; None where none is used."""
    return KEY_ID.get()

"""Cursors of searches: what was shown already, for one search over one index; opaque to clients.

A search ranks anew each time, and documents come and go in between, so that a number of hits to skip may skip
others than those that were shown. A cursor names these instead: whatever it names is left out.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from vdr.errors import BadInput, CursorExpired
from vdr.index.schema import IndexSchema
from vdr.models.reranker import LoadedStep
from vdr.search.kept import Tuned, is_default
from vdr.search.request import MAX_CURSOR
from vdr.settings import SearchSettings
from vdr.types import PageRef, SearchRequest

_FORM = b"\x01"
_DIGEST_BYTES = 8
# Of a thousand shown and a thousand found, one is taken for another once in a million searches.
_KEY_BYTES = 5
_HEAD_BYTES = len(_FORM) + 2 * _DIGEST_BYTES
_REMEDY = "Send `next_cursor` of an answer to the same search, without `offset`."


@dataclass(frozen=True, slots=True)
class Scope:
    """What a cursor is good for: digests of the index with the settings, and of what is asked."""

    index: bytes
    query: bytes


def scope_of(
    request: SearchRequest,
    schema: IndexSchema,
    settings: SearchSettings,
    rerankers: Sequence[LoadedStep],
    tuned: Tuned | None = None,
) -> Scope:
    """The scope of a request's cursors."""
    chain = [(step.name, step.depth) for step in rerankers]
    kept = tuned.shape if tuned is not None and is_default(request) else None
    index = repr((schema.collection, schema.generation, schema.fingerprint, settings, chain, kept))
    return Scope(_digest(index), bytes.fromhex(request.digest or digest_of(request)))


def digest_of(request: SearchRequest) -> str:
    """What tells a search from those that rank otherwise, in hexadecimal: all but how much of it is shown."""
    image = request.image
    shown = None if image is None else (image.mode, image.size, _digest(image.tobytes()))
    asked = (request.text, shown, request.page, request.mode, request.filter)
    depth = (request.rerank, request.effort, request.min_confidence)
    order = (request.sort, request.sort_field, request.pages_per_document is not None)
    return _digest(repr((*asked, *depth, *order))).hex()


def cursor_of(shown: Collection[bytes], scope: Scope) -> str | None:
    """The cursor after what was shown, given by keys; None where that is too much for one."""
    content = _FORM + scope.index + scope.query + b"".join(sorted(shown))
    cursor = urlsafe_b64encode(content).decode().rstrip("=")
    return cursor if len(cursor) <= MAX_CURSOR else None


def shown_before(request: SearchRequest, scope: Scope) -> frozenset[bytes]:
    """The keys of what was shown up to the request's cursor; none without one.

    Raises BadInput for what is no cursor, is one of another search or comes with an offset, and CursorExpired
    for one of another index or other settings.
    """
    if request.cursor is None:
        return frozenset()
    if request.offset:
        raise BadInput("A cursor and an offset exclude each other.", remedy="Send one of them.")
    index, query, keys = _read(request.cursor)
    if query != scope.query:
        raise BadInput("cursor: this cursor belongs to another search.", remedy=_REMEDY)
    if index != scope.index:
        raise CursorExpired("The index or its settings have changed since the cursor was made.")
    return keys


def page_key(page: PageRef) -> bytes:
    """What names a page in a cursor."""
    return _digest(f"{page.document_id}/{page.page_number}")[:_KEY_BYTES]


def document_key(document_id: str) -> bytes:
    """What names a document in a cursor."""
    return _digest(document_id)[:_KEY_BYTES]


def _read(cursor: str) -> tuple[bytes, bytes, frozenset[bytes]]:
    try:
        content = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError:
        content = b""
    head, keys = content[:_HEAD_BYTES], content[_HEAD_BYTES:]
    if len(head) < _HEAD_BYTES or not head.startswith(_FORM) or len(keys) % _KEY_BYTES:
        raise BadInput("cursor: this is not a cursor.", remedy=_REMEDY)
    names = (keys[start : start + _KEY_BYTES] for start in range(0, len(keys), _KEY_BYTES))
    return head[len(_FORM) : -_DIGEST_BYTES], head[-_DIGEST_BYTES:], frozenset(names)


def _digest(content: str | bytes) -> bytes:
    encoded = content.encode() if isinstance(content, str) else content
    return blake2b(encoded, digest_size=_DIGEST_BYTES).digest()

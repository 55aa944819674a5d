"""Takes uploaded files into the library, each with its own outcome."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, aclosing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from anyio import to_thread
from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.multipart import ReceivedFile, receive_files
from app.state import Services
from indexer.library import Library
from indexer.naming import clean_name
from vdr.errors import BadInput, FileTooLarge, NotFound, PdfEncrypted, QueueFull, VdrError
from vdr.filters import parse_metadata
from vdr.objects.failures import explained
from vdr.types import UNFINISHED, Document, Listing, Metadata, Priority

_USER_HEADER = "X-Forwarded-User"  # as proxies that ask who is there pass it on
_MAX_USER = 255
_MOST_WAITING = 100  # files that have arrived and are still to be looked at
_LATER = "Try again later."
A = TypeVarTuple("A")
T = TypeVar("T")
PASSWORD, METADATA, REPLACE = "password", "metadata", "replace"
_YES, _NO = ("true", "1", "yes", "on"), ("false", "0", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a document, or the error that says why not.

    `locked` is where a file waits for its password, as long as the request lasts.
    """

    name: str
    document: Document | None = None
    is_new: bool = False
    error: VdrError | None = None
    locked: Path | None = None


async def take_in(
    request: Request,
    services: Services,
    library: Library,
    priority: Priority,
    seen: Callable[[ReceivedFile], None] | None = None,
    fields: dict[str, str] | None = None,
) -> list[Outcome]:
    """Adds every file of the request's body and queues it, with the metadata that came before or after it.

    Where the field `replace` says so, they take the place of others of their names. Each file is `seen`
    before it is added, and `fields` get those of the form.
    Raises BadInput if there is no file, QueueFull before anything is taken if too many wait already, and
    BadMetadata: files that came before it are taken then, without.
    """
    if services.additions.statistics().tasks_waiting >= _MOST_WAITING:
        raise QueueFull(f"{_MOST_WAITING} files are already waiting to be taken in.", remedy=_LATER)
    await run_in_threadpool(_check_room, services, library)
    limit = library.settings.max_file_bytes
    fields = {} if fields is None else fields
    added_by = request.headers.get(_USER_HEADER, "")[:_MAX_USER]
    adding, outcomes = _Adding(library, priority, added_by), list[Outcome]()
    with ExitStack() as locked:
        async with aclosing(receive_files(request, services.uploads, limit, fields)) as received:
            async for file in received:
                if seen is not None:
                    await run_in_threadpool(seen, file)
                outcome = await _added(services, adding.add, file, fields)
                if isinstance(outcome.error, PdfEncrypted) and file.path is not None:
                    with explained(file.name):
                        kept = _kept(file.path)  # the password may come after the file
                    locked.callback(kept.unlink)
                    outcome = replace(outcome, locked=kept)
                outcomes.append(outcome)
        outcomes = [await _added(services, adding.complete, each, fields) for each in outcomes]
        if _is_to_replace(fields):
            await _added(services, _replace_others, library, outcomes)
    if not outcomes:
        raise BadInput(
            "The request contains no files.", remedy="Upload one or more files in the field `files`."
        )
    return outcomes


async def _added(services: Services, work: Callable[[*A], T], *arguments: *A) -> T:
    """What `work` gives, in a thread of those that take files in: there are few, and others do not wait."""
    return await to_thread.run_sync(work, *arguments, limiter=services.additions)


def _check_room(services: Services, library: Library) -> None:
    own = library.collection.settings.queue_limit
    limit = services.settings.jobs.queue_limit if own is None else own
    if limit is not None and (waiting := library.catalogue.count(Listing(states=UNFINISHED))) >= limit:
        raise QueueFull(f"{waiting:,} documents are already waiting to be indexed; the limit is {limit:,}.")


@dataclass(frozen=True, slots=True)
class _Adding:
    """Puts the files of one request into the library."""

    library: Library
    priority: Priority
    added_by: str

    def add(self, file: ReceivedFile, fields: Mapping[str, str]) -> Outcome:
        name, metadata = clean_name(file.name), _metadata(fields)
        try:
            if file.path is None:
                limit = self.library.settings.max_file_bytes
                raise FileTooLarge(f"{name} exceeds the limit of {limit:,} bytes.")
            with explained(name):  # the temporary folder may be full as well
                password = fields.get(PASSWORD) or None
                told = (self.priority, self.added_by, password, metadata)
                document, is_new = self.library.add(file.path, name, *told, is_still=True)
        except VdrError as error:
            return Outcome(name, error=error)
        return Outcome(name, document, is_new)

    def complete(self, outcome: Outcome, fields: Mapping[str, str]) -> Outcome:
        """Do for a file what only the fields that came after it allow."""
        if outcome.locked is not None and fields.get(PASSWORD):
            return self.add(ReceivedFile(outcome.name, outcome.locked), fields)
        metadata = _metadata(fields)
        if outcome.document is None or metadata in (None, outcome.document.metadata):
            return outcome
        try:
            document = self.library.change(outcome.document.document_id, edit=lambda old: metadata or {})
        except VdrError as error:
            return Outcome(outcome.name, error=error)
        return replace(outcome, document=document)


def _is_to_replace(fields: Mapping[str, str]) -> bool:
    value = fields.get(REPLACE, "").strip().lower()
    if value not in (*_YES, *_NO):
        raise BadInput(f"replace: {value!r} is neither true nor false.")
    return value in _YES


def _replace_others(library: Library, outcomes: Sequence[Outcome]) -> None:
    """Have each document take the place of others of its name; of several in one request none does."""
    taken = [outcome.document for outcome in outcomes if outcome.document is not None]
    times = Counter(document.name for document in taken)
    for document in taken:
        if times[document.name] == 1:
            with suppress(NotFound):  # deleted already by somebody else
                library.replace(document.document_id)


def _metadata(fields: Mapping[str, str]) -> Metadata | None:
    return parse_metadata(fields[METADATA]) if METADATA in fields else None


def _kept(path: Path) -> Path:
    """Another name for a received file, which outlives the one it came by."""
    kept = path.with_suffix(".locked")
    kept.hardlink_to(path)
    return kept

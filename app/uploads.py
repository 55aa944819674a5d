"""Takes uploaded PDFs into the library, each with its own outcome."""

from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.multipart import ReceivedFile, receive_files
from app.state import Services
from indexer.catalogue import UNFINISHED
from indexer.library import clean_name
from vdr.errors import BadInput, FileTooLarge, QueueFull, VdrError
from vdr.types import Document, Priority

_USER_HEADER = "X-Forwarded-User"  # as proxies that ask who is there pass it on
_MAX_USER = 255


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a document, or the error that says why not."""

    name: str
    document: Document | None = None
    is_new: bool = False
    error: VdrError | None = None


async def take_in(request: Request, services: Services, priority: Priority) -> list[Outcome]:
    """Adds every file of the request's body and queues it.

    Raises BadInput if there is none, QueueFull before anything is taken if too many wait already.
    """
    await run_in_threadpool(_check_room, services)
    limit = services.settings.ingest.max_file_bytes
    received = receive_files(request, services.uploads, limit)
    added_by = request.headers.get(_USER_HEADER, "")[:_MAX_USER]
    outcomes = [await run_in_threadpool(_add, file, services, priority, added_by) async for file in received]
    if not outcomes:
        raise BadInput("No file came with the request.", remedy="Send one or more PDFs in the field `files`.")
    return outcomes


def _check_room(services: Services) -> None:
    limit = services.settings.jobs.queue_limit
    if limit is not None and (waiting := services.library.catalogue.count(UNFINISHED)) >= limit:
        raise QueueFull(f"{waiting:,} documents wait to be indexed already; the limit is {limit:,}.")


def _add(file: ReceivedFile, services: Services, priority: Priority, added_by: str) -> Outcome:
    name = clean_name(file.name)
    try:
        if file.path is None:
            limit = services.settings.ingest.max_file_bytes
            raise FileTooLarge(f"{name} is larger than the limit of {limit:,} bytes.")
        document, is_new = services.library.add(file.path, name, priority, added_by)
    except VdrError as error:
        return Outcome(name, error=error)
    return Outcome(name, document, is_new)

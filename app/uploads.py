"""Takes uploaded PDFs into the library, each with its own outcome."""

from dataclasses import dataclass

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from app.multipart import ReceivedFile, receive_files
from app.state import Services
from indexer.library import clean_name
from vdr.errors import BadInput, FileTooLarge, VdrError
from vdr.types import Document


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a document, or the error that says why not."""

    name: str
    document: Document | None = None
    is_new: bool = False
    error: VdrError | None = None


async def take_in(request: Request, services: Services) -> list[Outcome]:
    """Adds every file of the request's body and wakes the worker. Raises BadInput if there is none."""
    limit = services.settings.ingest.max_file_bytes
    received = receive_files(request, services.uploads, limit)
    outcomes = [await run_in_threadpool(_add, file, services) async for file in received]
    if not outcomes:
        raise BadInput("No file came with the request.", remedy="Send one or more PDFs in the field `files`.")
    services.worker.wake()
    return outcomes


def _add(file: ReceivedFile, services: Services) -> Outcome:
    name = clean_name(file.name)
    try:
        if file.path is None:
            limit = services.settings.ingest.max_file_bytes
            raise FileTooLarge(f"{name} is larger than the limit of {limit:,} bytes.")
        document, is_new = services.library.add(file.path, name)
    except VdrError as error:
        return Outcome(name, error=error)
    return Outcome(name, document, is_new)

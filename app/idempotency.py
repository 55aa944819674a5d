"""Idempotency-Key: a request that is sent again with its key is answered as it was, and not done again.

As in https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header. Only successes are kept:
what failed may be tried again with the same key. Where a process dies before it has kept its answer, the
request is done again after a minute; documents are known by their bytes, so none is there twice.
"""

import hashlib
import json
from asyncio import create_task, sleep
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from typing import Annotated, Any

from anyio import CancelScope
from fastapi import Header, Request
from starlette.concurrency import run_in_threadpool

from app.multipart import ReceivedFile, receive_files
from app.state import Services
from indexer.library import Library
from vdr.catalogue.idempotency import ABANDONED_S, Answered, Claim, IdempotencyKeys
from vdr.errors import DatabaseUnavailable, IdempotencyKeyReused
from vdr.objects.checksums import hash_of

_RENEWED_S = ABANDONED_S / 4
_NOT_DIGESTED = "password"  # so that nobody can find it by trying, from what is kept
# A string in quotes, as the draft has it, or without; of printable ASCII.
_KEY = r'^("[!#-~]{1,253}"|[!#-~]{1,253})$'

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=_KEY,
        description="A key of your own, such as a UUID. The same request with the same key is answered as "
        "the first one was, for a day (`VDR_IDEMPOTENCY_HOURS`).",
    ),
]


class BodyDigest:
    """What tells one upload from another: names and bytes of the files, fields, options; never boundaries."""

    def __init__(self, **options: object) -> None:
        self._options, self._files = options, list[tuple[str, str | None]]()

    def add(self, file: ReceivedFile) -> None:
        """Take in a file, which is read: of one that cannot be taken nobody else makes a hash."""
        self._files.append((file.name, None if file.path is None else hash_of(file.path)))

    def of(self, fields: Mapping[str, str]) -> str:
        """The digest, together with the fields of the form."""
        told = {name: value for name, value in fields.items() if name != _NOT_DIGESTED}
        whole = json.dumps([self._options, self._files, told], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


async def once(
    key: str,
    request: Request,
    services: Services,
    library: Library,
    digest: BodyDigest,
    work: Callable[[dict[str, str]], Awaitable[Mapping[str, Any]]],
) -> tuple[Mapping[str, Any], bool]:
    """The answer to an upload, and whether it was given before.

    `work` makes it: it takes the body in, adds its files to `digest` and its fields to what it is given.
    Raises RequestInProgress, IdempotencyKeyReused, and what `work` raises.
    """
    kept = timedelta(hours=services.settings.service.idempotency_hours)
    keys = IdempotencyKeys(services.opened.engine, library.collection.name, kept)
    found, fields = await run_in_threadpool(keys.claim, key.strip('"')), dict[str, str]()
    if isinstance(found, Answered):
        await _read(request, services, library, digest, fields)
        if digest.of(fields) != found.request:
            raise IdempotencyKeyReused(f"The Idempotency-Key {key} came with another request before.")
        return found.answer, True
    try:
        async with _renewed(keys, found):
            answer = await work(fields)
        await run_in_threadpool(keys.keep, found, digest.of(fields), answer)
    except BaseException:
        with CancelScope(shield=True), suppress(DatabaseUnavailable):
            await run_in_threadpool(keys.release, found)
        raise
    return answer, False


async def _read(
    request: Request, services: Services, library: Library, digest: BodyDigest, fields: dict[str, str]
) -> None:
    limit = library.settings.max_file_bytes
    async with aclosing(receive_files(request, services.uploads, limit, fields)) as received:
        async for file in received:
            await run_in_threadpool(digest.add, file)


@asynccontextmanager
async def _renewed(keys: IdempotencyKeys, claim: Claim) -> AsyncIterator[None]:
    """Keeps renewing a claim inside the block: an upload takes as long as the line is slow."""

    async def renew() -> None:
        while True:
            await sleep(_RENEWED_S)
            with suppress(DatabaseUnavailable):
                await run_in_threadpool(keys.renew, claim)

    renewing = create_task(renew(), name="idempotency")
    try:
        yield
    finally:
        renewing.cancel()

"""Receives the image that somebody searches by."""

from contextlib import aclosing
from dataclasses import dataclass

from fastapi import Request
from PIL.Image import Image
from starlette.concurrency import run_in_threadpool

from app.images import MAX_QUERY_BYTES, decode_query
from app.multipart import receive_files
from app.state import Services
from indexer.naming import clean_name
from vdr.errors import BadInput, ImageTooLarge


@dataclass(frozen=True, slots=True, eq=False)
class QueryImage:
    """An image and the name of its file."""

    name: str
    image: Image


async def receive_image(
    request: Request, services: Services, fields: dict[str, str] | None = None
) -> QueryImage:
    """The first image of a multipart body; what is no file goes into `fields`, wherever it stands.

    Raises BadInput where there is none, NotAnImage or ImageTooLarge.
    """
    received: QueryImage | None = None
    async with aclosing(receive_files(request, services.uploads, MAX_QUERY_BYTES, fields)) as files:
        async for file in files:
            if received is not None:
                continue
            if file.path is None:
                raise ImageTooLarge(f"{file.name} exceeds the limit of {MAX_QUERY_BYTES:,} bytes.")
            image = await run_in_threadpool(lambda path: decode_query(path.read_bytes()), file.path)
            received = QueryImage(clean_name(file.name), image)
    if received is None:
        raise BadInput("The request contains no image.", remedy="Send one in the field `image`.")
    return received

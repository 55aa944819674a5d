"""Multipart bodies, file by file: written to disk in chunks as they arrive, handed on once whole."""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.file_names import sent_file_name, text_of
from vdr.errors import BadInput, WrongContentType
from vdr.objects.failures import explained

_MAX_HEADER_BYTES = 16_384
_MAX_FIELD_BYTES = 65_536  # metadata at its largest, were each character escaped
MAX_FILES = 100
# The schema of a file: contentMediaType alone is a text to most generators of clients.
BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
_UPLOAD = "the upload"  # the object that errors name


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file of the body. `path` lives until the next is asked for; None if the file was over the limit."""

    name: str
    path: Path | None


async def receive_files(
    request: Request, folder: Path, max_bytes: int, fields: dict[str, str] | None = None
) -> AsyncGenerator[ReceivedFile, None]:
    """The files of a multipart body, written to `folder` one at a time.

    Fields that are not files are added to `fields` as they arrive, which may be after the files. Of a file
    over `max_bytes` the rest is read and thrown away, so that those after it can be taken.
    Raises WrongContentType where the body is not multipart, BadInput where it is cut off or has more than
    MAX_FILES files, StorageFull if no space is left for one.
    """
    parts = _parts(request, {} if fields is None else fields)
    writing: _Writing | None = None
    files = 0
    try:
        async for event in _events(request, parts):
            if isinstance(event, _Begin):
                files += 1
                if files > MAX_FILES:
                    raise BadInput(
                        f"The upload contains more than {MAX_FILES} files.",
                        remedy="Upload fewer files at a time.",
                    )
                writing = _Writing(event.name, folder, max_bytes)
            elif writing is not None and isinstance(event, bytes):
                await run_in_threadpool(writing.write, event)
            elif writing is not None:
                yield writing.finish()
                writing.discard()
                writing = None
    finally:
        if writing is not None:
            writing.discard()
    if not parts.is_complete:
        raise BadInput("The upload was cut off.", remedy="Upload it again.")


@dataclass(frozen=True, slots=True)
class _Begin:
    name: str


@dataclass(frozen=True, slots=True)
class _End:
    pass


_Event = _Begin | bytes | _End


async def _events(request: Request, parts: "_Parts") -> AsyncIterator[_Event]:
    try:
        async for chunk in request.stream():
            parts.feed(chunk)
            while parts.events:
                yield parts.events.popleft()
    except FormParserError as error:
        raise _malformed(error) from error
    except ClientDisconnect as error:
        raise BadInput("The client disconnected during the upload.") from error


def _parts(request: Request, fields: dict[str, str]) -> "_Parts":
    try:
        return _Parts(_boundary(request), fields)
    except FormParserError as error:  # a boundary that is too long
        raise _malformed(error) from error


def _malformed(error: FormParserError) -> BadInput:
    return BadInput(f"The body is not valid multipart/form-data: {error}.")


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data":
        raise WrongContentType(
            "The body is not multipart/form-data.", remedy="Upload files as a form, for example with curl -F."
        )
    if not boundary:
        raise BadInput(
            "The Content-Type of the body has no boundary.", remedy="Let the HTTP client set Content-Type."
        )
    return boundary


class _Parts:
    """Turns the parser's callbacks into events; the beginning of what is not a file goes into `fields`."""

    def __init__(self, boundary: bytes, fields: dict[str, str]) -> None:
        self.events: deque[_Event] = deque()
        self.is_complete = False
        self._is_file = False
        self._fields, self._field, self._content = fields, "", bytearray()
        self._header = bytearray()
        self._value = bytearray()
        self._disposition = b""
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": lambda data, start, end: self._extend(self._header, data[start:end]),
                "on_header_value": lambda data, start, end: self._extend(self._value, data[start:end]),
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._part_data,
                "on_part_end": self._part_ends,
                "on_end": self._ends,
            },
        )

    def feed(self, chunk: bytes) -> None:
        self._parser.write(chunk)

    def _part_begins(self) -> None:
        self._is_file, self._disposition = False, b""

    def _extend(self, buffer: bytearray, data: bytes) -> None:
        if len(buffer) + len(data) > _MAX_HEADER_BYTES:
            raise BadInput("The body has a part whose header is too long.")
        buffer += data

    def _header_ends(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        name = sent_file_name(self._disposition)
        if name:  # an empty name is a file input where nothing was chosen
            self._is_file = True
            self.events.append(_Begin(name))
        _, options = parse_options_header(self._disposition)
        self._field = text_of(options.get(b"name", b""))
        self._content.clear()

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.events.append(data[start:end])
        else:
            self._content += data[start : min(end, start + _MAX_FIELD_BYTES - len(self._content))]

    def _part_ends(self) -> None:
        if self._is_file:
            self.events.append(_End())
        elif self._field and len(self._fields) < MAX_FILES:
            self._fields[self._field] = text_of(bytes(self._content))

    def _ends(self) -> None:
        self.is_complete = True


@dataclass(slots=True)
class _Writing:
    """A file on its way to disk."""

    name: str
    folder: Path
    max_bytes: int
    size_bytes: int = 0
    file: BinaryIO = field(init=False)

    def __post_init__(self) -> None:
        with explained(_UPLOAD):
            self.file = cast(BinaryIO, NamedTemporaryFile(dir=self.folder, suffix=".pdf", delete=False))  # noqa: SIM115

    def write(self, data: bytes) -> None:
        self.size_bytes += len(data)
        if self.size_bytes <= self.max_bytes:
            with explained(_UPLOAD):
                self.file.write(data)

    def finish(self) -> ReceivedFile:
        with explained(_UPLOAD):
            self.file.close()
        return ReceivedFile(self.name, Path(self.file.name) if self.size_bytes <= self.max_bytes else None)

    def discard(self) -> None:
        with suppress(OSError):  # what could not be written cannot be when the file is closed, either
            self.file.close()
        Path(self.file.name).unlink(missing_ok=True)

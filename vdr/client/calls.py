"""A call as a value: what is sent, what the answer is read as, and whether it may be sent twice."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import SEEK_SET, BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import httpx
from pydantic import BaseModel

from .problems import parsed

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
# Told how many bytes have been sent, and how many there are.
Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A file of a form: its field, its name, and the file or its bytes."""

    field: str
    name: str
    source: Path | bytes
    progress: Progress | None = None

    @contextmanager
    def opened(self) -> Iterator[dict[str, Any]]:
        """What httpx takes as `files`; opened anew each time that it is sent. Raises OSError."""
        with BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb") as file:
            content = file if self.progress is None else _Watched(file, self.progress)
            yield {self.field: (self.name, content)}


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """`path` is below the service's URL; `sent` is what httpx takes as arguments beside it.

    `may_repeat` says that sending it twice does no more than sending it once.
    """

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    sent: Mapping[str, Any] = field(default_factory=dict)
    file: FileToSend | None = None
    may_repeat: bool = True

    @contextmanager
    def arguments(self) -> Iterator[dict[str, Any]]:
        """What httpx is given, while the file is open."""
        if self.file is None:
            yield dict(self.sent)
            return
        with self.file.opened() as files:
            yield {**self.sent, "files": files}


def answering(model: type[M]) -> Callable[[httpx.Response], M]:
    """Reads an answer as a model. Raises ServiceMismatch for one that is not."""
    return lambda response: parsed(response, model)


def content(response: httpx.Response) -> bytes:
    """The bytes of an answer."""
    return response.content


def nothing(_: httpx.Response) -> None:
    """An answer that tells nothing."""


class _Watched:
    """A file that tells how much of it has been read. httpx takes it as long as it can be wound."""

    def __init__(self, file: BinaryIO, progress: Progress) -> None:
        self._file, self._progress = file, progress
        self._size = file.seek(0, 2)
        file.seek(0)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if data:
            self._progress(self._file.tell(), self._size)
        return data

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

"""The files that are attached to a PDF, as its objects have them; used by what is run in the cage."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pikepdf import Dictionary, Name, NameTree, Pdf, Stream

_MOST_LOOKED_AT = 10_000  # of attachments; a file that lists more is an attack


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file attached to a PDF: its name as that has it, and the stream that holds its bytes."""

    name: str
    stream: Any

    @property
    def media_type(self) -> str:
        """The type that the PDF says it has, if it says one: application/pdf."""
        return str(self.stream.get(Name.Subtype, "")).removeprefix("/")


def attached_files(pdf: Pdf) -> Iterator[AttachedFile]:
    """The files of a PDF, each once: those of the whole of it, then those of notes on its pages."""
    seen = set[tuple[int, int]]()
    for spec in islice(_specs(pdf), _MOST_LOOKED_AT):
        file = _file(spec)
        if file is None or (file.stream.is_indirect and file.stream.objgen in seen):
            continue
        seen.add(file.stream.objgen)
        yield file


def is_portfolio(pdf: Pdf) -> bool:
    """Whether the attached files are what the PDF is for, and its pages but a cover."""
    return Name.Collection in pdf.Root


def content(file: AttachedFile, most_bytes: int) -> bytes | None:
    """The bytes of a file; None where there are more, or they are damaged."""
    try:
        bytes_ = _unpacked(file.stream, most_bytes)
    except (MemoryError, RuntimeError, ValueError, zlib.error):
        return None
    return bytes_ if len(bytes_) <= most_bytes else None


def _unpacked(stream: Any, most_bytes: int) -> bytes:  # noqa: ANN401 - a stream
    """At most one byte more than asked for, of the usual compression; others have the cage's memory."""
    filters = stream.get(Name.Filter)
    if filters == Name.FlateDecode and Name.DecodeParms not in stream:
        return zlib.decompressobj().decompress(stream.read_raw_bytes(), most_bytes + 1)
    return bytes(stream.read_bytes())


def _specs(pdf: Pdf) -> Iterator[Any]:
    names = pdf.Root.get(Name.Names)
    if names is not None and Name.EmbeddedFiles in names:
        yield from NameTree(names.EmbeddedFiles).values()
    for page in pdf.pages:
        for note in page.obj.get(Name.Annots, ()):
            if isinstance(note, Dictionary) and note.get(Name.Subtype) == Name.FileAttachment:
                yield note.get(Name.FS)


def _file(spec: Any) -> AttachedFile | None:  # noqa: ANN401 - an object of any kind
    try:
        held = spec.EF
        stream = held.get(Name.UF, held.get(Name.F))
        name = str(spec.get(Name.UF, spec.get(Name.F, "")))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    if not isinstance(stream, Stream):
        return None
    return AttachedFile(name[:1_000].encode(errors="replace").decode(), stream)

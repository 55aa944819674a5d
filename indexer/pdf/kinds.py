"""What a file is, going by its content and never by its name."""

import zipfile
from enum import StrEnum
from pathlib import Path

_HEAD = 4_096
_PDF_WITHIN = 1_024  # readers accept the header anywhere in the first 1,024 bytes
_ZIP = b"PK\x03\x04"
_OFFICE_XML = {"word/": "docx", "ppt/": "pptx", "xl/": "xlsx"}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
}
_IMAGES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpg",
    b"II*\x00": "tif",
    b"MM\x00*": "tif",
    b"II+\x00": "tif",  # BigTIFF
    b"MM\x00+": "tif",
}
_MOST_MEMBERS = 10_000  # of a ZIP that is looked through for what it is


class Kind(StrEnum):
    """Files that can become documents, by how they do."""

    PDF = "pdf"
    IMAGE = "image"
    OFFICE = "office"


ACCEPTED = {
    Kind.PDF: "PDF",
    Kind.IMAGE: "PNG, JPEG, WebP, TIFF",
    Kind.OFFICE: "Word, PowerPoint, Excel, OpenDocument, RTF",
}
SUFFIXES = {
    Kind.PDF: ("pdf",),
    Kind.IMAGE: ("png", "jpg", "jpeg", "webp", "tif", "tiff"),
    Kind.OFFICE: ("docx", "pptx", "xlsx", "odt", "odp", "ods", "doc", "ppt", "xls", "rtf"),
}


def kind_of(path: Path) -> tuple[Kind, str] | None:
    """The kind of the file at `path` and the ending that files like it have; None for any other."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Kind.PDF, "pdf"
    if image := _image(head):
        return Kind.IMAGE, image
    if office := _office(head, path):
        return Kind.OFFICE, office
    return None


def _image(head: bytes) -> str | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return next((suffix for magic, suffix in _IMAGES.items() if head.startswith(magic)), None)


def _office(head: bytes, path: Path) -> str | None:
    if head.startswith(b"{\\rtf"):
        return "rtf"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "doc"  # LibreOffice tells Word, PowerPoint and Excel of these years apart by itself
    return _zipped(path) if head.startswith(_ZIP) else None


def _zipped(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:_MOST_MEMBERS]
            if "mimetype" in names:
                with archive.open("mimetype") as member:
                    return _OPEN_DOCUMENT.get(member.read(_HEAD).strip())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        return None
    if "[Content_Types].xml" not in names:
        return None
    return next((s for prefix, s in _OFFICE_XML.items() if any(n.startswith(prefix) for n in names)), None)

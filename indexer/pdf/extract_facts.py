"""What is run in the cage to learn what a PDF says of itself: printed as JSON, for `facts.py` to read.

python -m indexer.pdf.extract_facts PDF MOST_PAGES
"""

import json
import sys
from collections.abc import Callable
from itertools import islice
from typing import Any

from pikepdf import Name, NumberTree, Pdf

from indexer.pdf.attached_files import AttachedFile, attached_files, is_portfolio
from indexer.pdf.kinds import SUFFIXES

_MOST_CHARACTERS = 1_000  # of any text; more is not what it should be
_SUFFIXES = frozenset(suffix for kind in SUFFIXES.values() for suffix in kind)
# Where each fact stands: in the information dictionary, and in XMP, which goes without it from PDF 2.0 on.
_INFO = {
    "title": (Name.Title, "dc:title"),
    "author": (Name.Author, "dc:creator"),
    "created": (Name.CreationDate, "xmp:CreateDate"),
    "modified": (Name.ModDate, "xmp:ModifyDate"),
}


def labels(pdf: Pdf, most_pages: int) -> list[dict[str, Any]]:
    """The ranges of pages that are numbered in one way, each by the index of its first page."""
    if Name.PageLabels not in pdf.Root:
        return []
    ranges = islice(NumberTree(pdf.Root.PageLabels).items(), most_pages)
    return [_range(int(index), numbering) for index, numbering in ranges]


def info(pdf: Pdf) -> dict[str, str]:
    """Title, author and dates, as far as they are there."""
    told = {name: _in_dictionary(pdf, key) for name, (key, _) in _INFO.items()}
    missing = [name for name, text in told.items() if not text]
    found = _unless_damaged(lambda: _in_xmp(pdf, missing)) if missing else None
    return {**told, **(found or {})}


def _in_dictionary(pdf: Pdf, key: Name) -> str:
    return _unless_damaged(lambda: _text(pdf.trailer.Info.get(key, ""))) or ""


def _in_xmp(pdf: Pdf, names: list[str]) -> dict[str, str]:
    if Name.Metadata not in pdf.Root:
        return {}
    xmp = pdf.open_metadata()
    values = {name: xmp.get(_INFO[name][1]) or "" for name in names}
    return {
        name: _text(", ".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in values.items()
    }


def is_placeholder(pdf: Pdf) -> bool:
    """Whether the pages stand in for a form that is drawn from its XFA alone."""
    form = pdf.Root.get(Name.AcroForm)
    if form is None or Name.XFA not in form:
        return False
    return bool(pdf.Root.get(Name.NeedsRendering, False)) or not len(form.get(Name.Fields, ()))


def count_attached(pdf: Pdf) -> int:
    """How many documents are attached, going by what the PDF says of them: none is unpacked for that."""
    return sum(is_portfolio(pdf) or _is_document(each) for each in attached_files(pdf))


def _is_document(file: AttachedFile) -> bool:
    suffix = file.name.rpartition(".")[2].lower()
    return suffix in _SUFFIXES or file.media_type.startswith(("application/pdf", "image/"))


def _range(index: int, numbering: Any) -> dict[str, Any]:  # noqa: ANN401 - an object of any kind
    style, first = numbering.get(Name.S), numbering.get(Name.St, 1)
    return {
        "index": index,
        "style": str(style).removeprefix("/") if isinstance(style, Name) else "",
        "prefix": _text(numbering.get(Name.P, "")),
        "first": first if isinstance(first, int) else 1,
    }


def _text(value: Any) -> str:  # noqa: ANN401 - an object of any kind
    """A string that JSON can carry: damaged ones may contain half of a surrogate pair."""
    return str(value)[:_MOST_CHARACTERS].encode(errors="replace").decode()


def _unless_damaged(read: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever is read
    """What `read` gives; None where the PDF is too damaged for it, which may raise anything."""
    try:
        return read()
    except Exception:  # the edge of a process: what else the PDF says is still worth telling
        return None


def main(path: str, most_pages: int) -> None:
    """Print what the PDF says of itself."""
    with Pdf.open(path) as pdf:
        facts = {"labels": _unless_damaged(lambda: labels(pdf, most_pages)) or [], **info(pdf)}
        facts["is_placeholder"] = bool(_unless_damaged(lambda: is_placeholder(pdf)))
        facts["attached"] = _unless_damaged(lambda: count_attached(pdf)) or 0
    sys.stdout.write(json.dumps(facts))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

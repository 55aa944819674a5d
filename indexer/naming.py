"""Names of documents: what is shown of a file's name, and which documents a name or an id means."""

import re
import unicodedata

from vdr.catalogue.documents import Catalogue
from vdr.errors import NotFound
from vdr.types import AnyOf, Condition, Operator

_MAX_NAME = 255  # as long as a file name may be on common file systems


def clean_name(name: str) -> str:
    """A name fit for showing and storing: the last part of a path, without control characters.

    >>> clean_name("../../etc/annual report.pdf")
    'annual report.pdf'
    """
    last = re.split(r"[/\\]", name)[-1].encode(errors="replace").decode()
    shown = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    return shown[:_MAX_NAME] or "document.pdf"


def ids_named(catalogue: Catalogue, wanted: str) -> list[str]:
    """The ids of the documents with this id or this name."""
    fields = ("document_id", "document_name")
    return catalogue.ids(AnyOf(tuple(Condition(field, Operator.EQ, wanted) for field in fields)))


def not_named(wanted: str) -> NotFound:
    """The error for a name or id that no document has."""
    return NotFound(
        f"Document {wanted!r} does not exist.", remedy="Use the name or id of an indexed document."
    )

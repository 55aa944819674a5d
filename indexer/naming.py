"""Names: what is shown of a file's, which documents a name or an id means, and which collections may have."""

import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from vdr.errors import BadInput, NotFound
from vdr.names import composed
from vdr.settings import COLLECTION_NAME
from vdr.types import AnyOf, Condition, Filter, Operator

if TYPE_CHECKING:  # commands that talk to a service open no database
    from vdr.catalogue.documents import Catalogue

_NEAREST = 3
ID_SHOWN = 8  # characters of an id that tell documents of the same name apart
_ID_START = re.compile(rf"[0-9a-f]{{{ID_SHOWN},64}}")
_MAX_NAME = 255  # as long as a file name may be on common file systems


def clean_name(name: str) -> str:
    """A name fit for showing and storing: the last part of a path of any system, composed, all printable.

    >>> clean_name("C:\\\\scans\\\\annual report.pdf")
    'annual report.pdf'
    """
    parts = [part for part in re.split(r"[/\\]", name) if part.strip(" .")]
    last = composed(parts[-1] if parts else "").encode(errors="replace").decode()
    shown = "".join(c for c in last if not unicodedata.category(c).startswith("C")).strip()
    return shown[:_MAX_NAME].strip() or "document.pdf"


def file_name(path: Path) -> str:
    """The name of a file: UTF-8 where it can be read as that, whatever the terminal's encoding is."""
    written = os.fsencode(path.name)
    try:
        return clean_name(written.decode())
    except UnicodeDecodeError:
        return clean_name(path.name)


def named(wanted: str) -> Filter:
    """Lets documents pass with this name, now or before, with this id, or one that begins so."""
    conditions = [Condition("document_name", Operator.EQ, clean_name(wanted))]
    if _ID_START.fullmatch(wanted):
        conditions.append(Condition("document_id", Operator.PREFIX, wanted))
    return AnyOf(tuple(conditions))


def ids_in_any_case(wanted: str, names: Iterable[tuple[str, str]]) -> list[str]:
    """The ids of those of these documents, given with each of their names, that have this one in any case."""
    folded = clean_name(wanted).casefold()
    return list(dict.fromkeys(document_id for document_id, name in names if name.casefold() == folded))


def told_apart(catalogue: "Catalogue", documents: Mapping[str, str]) -> dict[str, str]:
    """What to call documents, by their ids and names: those that share a name by more than that."""
    shared = catalogue.namesakes(list(documents))
    return {
        document_id: f"{name} {mark_of(document_id, shared[document_id])}" if document_id in shared else name
        for document_id, name in documents.items()
    }


def mark_of(document_id: str, added_at: str) -> str:
    """What tells a document from others of its name."""
    return f"[{document_id[:ID_SHOWN]}, {to_the_minute(added_at)}]"


def to_the_minute(time: str) -> str:
    """A time of the catalogue, ISO 8601 in UTC, as people read it.

    >>> to_the_minute("2031-05-17T09:30:15.000000+00:00")
    '2031-05-17 09:30'
    """
    return time[:16].replace("T", " ")


def not_named(wanted: str, names: Iterable[str] = ()) -> NotFound:
    """The error for a name or id that no document has, with the nearest of the `names` there are."""
    near = _nearest(clean_name(wanted), names)
    meant = f"Did you mean {' or '.join(near)}?" if near else "vdr documents list shows all names and ids."
    return NotFound(f"Document {wanted!r} does not exist.", remedy=meant)


def _nearest(wanted: str, names: Iterable[str]) -> list[str]:
    """The names most like one, whatever their case; those that contain it are very much like it."""
    spelt = {name.casefold(): name for name in names}
    folded = wanted.casefold()
    containing = sorted((name for name in spelt if folded in name), key=lambda name: (len(name), name))
    near = [*containing, *get_close_matches(folded, spelt, n=_NEAREST)]
    return [spelt[name] for name in dict.fromkeys(near)][:_NEAREST]


def check_collection_name(name: str) -> str:
    """The name of a collection, if it may be one. Raises BadInput."""
    if re.fullmatch(COLLECTION_NAME, name) is None:
        raise BadInput(
            f"{name!r} is not a valid collection name.",
            remedy="Use 1 to 63 lowercase letters, digits, - and _, starting with a letter or digit.",
        )
    return name

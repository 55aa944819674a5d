"""The fields a filter may name: those that every page has, and the keys of metadata."""

from collections.abc import Mapping
from enum import StrEnum


class FieldKind(StrEnum):
    """The type of a built-in field; a key of metadata may have values of any type."""

    TEXT = "a string"
    WHOLE = "a whole number"
    TIME = "a time"


BUILT_IN: Mapping[str, FieldKind] = {
    "document_id": FieldKind.TEXT,
    "document_name": FieldKind.TEXT,
    "page_number": FieldKind.WHOLE,
    "page_count": FieldKind.WHOLE,
    "page_label": FieldKind.TEXT,
    "added_at": FieldKind.TIME,
    "kind": FieldKind.TEXT,
    "parent_document_id": FieldKind.TEXT,
    "pdf_title": FieldKind.TEXT,
    "pdf_author": FieldKind.TEXT,
    "pdf_created_at": FieldKind.TIME,
    "pdf_modified_at": FieldKind.TIME,
}
# What differs between the pages of a document.
OF_A_PAGE = frozenset({"page_number", "page_label"})

# A column's heading fits; longer ones are values in the wrong place.
MAX_KEY_LENGTH = 64
# They would end or escape the key where engines quote it.
_QUOTES = frozenset('"\\')


def key_fault(key: str) -> str | None:
    """Why metadata cannot have this key; None: it can."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        return f"a key has 1 to {MAX_KEY_LENGTH} characters"
    if key in BUILT_IN:
        return f"{key} is a built-in field"
    if key[0] in "$_":
        return "a key must not begin with $ or _"
    if not key.isprintable() or _QUOTES & set(key) or key != key.strip():
        return (
            "a key must not contain quotes, backslashes or control characters, nor begin or end with a space"
        )
    return None

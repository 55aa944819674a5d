"""Where the fields that filters name lie in a page's payload, and which of them the engines index."""

from collections.abc import Mapping
from typing import Literal

from vdr.filters.fields import BUILT_IN
from vdr.filters.metadata import FLAGS, INSTANTS

# Metadata lies below one key, so that no key of an uploader's is one of ours.
METADATA = "metadata"

PAYLOAD_INDEXES: Mapping[str, Literal["keyword", "integer", "datetime"]] = {
    "document_id": "keyword",
}


def path(field: str) -> str:
    """The field's key as a JSON path of Qdrant's; metadata's keys are quoted, as they may hold anything."""
    return field if field in BUILT_IN else f'{METADATA}."{field}"'


def instants_path(field: str) -> str:
    """The key of the field's values as instants."""
    return field if field in BUILT_IN else f'{METADATA}.{INSTANTS}."{field}"'


def flags_path(field: str) -> str:
    """The key of the word that stands for a boolean."""
    return f'{METADATA}.{FLAGS}."{field}"'

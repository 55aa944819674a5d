"""Where the fields that filters name lie in a page's payload, and which of them the engines index."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from dataclasses import fields as dataclass_fields
from typing import Any, Literal

from vdr.filters.fields import BUILT_IN
from vdr.filters.metadata import INSTANTS, to_stored
from vdr.types import Condition, Document, Filter, Metadata, Operator, PdfInfo, Scalar

# Metadata lies below one key, so that no key of an uploader's is one of ours.
METADATA = "metadata"
# Its keys, and its keys with each of their values, as strings: one index then answers for keys that nobody
# knows beforehand. It also tells false from 0 and 1 from 1.0 as filters do; the engines do not (Qdrant Edge
# 0.9 takes a boolean in a filter for a number).
FACTS = "facts"

# The document that a document was attached to.
PARENT = "parent_document_id"

# Looking into the payload itself takes 4 to 8 us a page and condition, so 80 to 160 ms in 20,000 pages; with
# an index it is 2 ms at most. What remains without one are comparisons by order in metadata.
PAYLOAD_INDEXES: Mapping[str, Literal["keyword", "integer", "datetime"]] = {
    "document_id": "keyword",
    "document_name": "keyword",
    "page_number": "integer",
    "page_count": "integer",
    "page_label": "keyword",
    "added_at": "datetime",
    "kind": "keyword",
    PARENT: "keyword",
    "pdf_title": "keyword",
    "pdf_author": "keyword",
    "pdf_created_at": "datetime",
    "pdf_modified_at": "datetime",
    FACTS: "keyword",
}


def document_payload(document: Document) -> dict[str, Any]:
    """What the payload of each page says of its document."""
    return {
        "document_name": document.name,
        "page_count": document.page_count,
        "added_at": document.created_at,
        "kind": document.kind,
        **metadata_payload(document.metadata),
        **info_payload(document.info),
        **({} if document.parent_id is None else {PARENT: document.parent_id}),
    }


def metadata_payload(metadata: Metadata) -> dict[str, Any]:
    """What the payload of each page says of its document's metadata."""
    return {METADATA: to_stored(metadata), FACTS: list(_facts(metadata))}


def info_payload(info: PdfInfo) -> dict[str, str]:
    """What the payload of each page says of its document's own metadata, of which it has no other later."""
    return {f"pdf_{name}": value for name, value in asdict(info).items() if value}


def stored_info(fields: Mapping[str, Any]) -> PdfInfo:
    """The document's own metadata that a payload tells."""
    names = [field.name for field in dataclass_fields(PdfInfo)]
    return PdfInfo(**{name: fields[f"pdf_{name}"] for name in names if fields.get(f"pdf_{name}")})


def of_document(document_id: str) -> Filter:
    """Lets the pages of a document pass."""
    return Condition("document_id", Operator.EQ, document_id)


def fact(key: str, *value: Scalar) -> str:
    """The string that stands for a key with this value, or without one for a key that has any."""
    return json.dumps([key, *value], ensure_ascii=False)


def path(field: str) -> str:
    """The field as a JSON path of Qdrant's; keys of metadata are quoted, as they may contain anything."""
    return field if field in BUILT_IN else f'{METADATA}."{field}"'


def instants_path(field: str) -> str:
    """The key of the field's values as instants."""
    return field if field in BUILT_IN else f'{METADATA}.{INSTANTS}."{field}"'


def _facts(metadata: Metadata) -> Iterator[str]:
    for key, value in metadata.items():
        values = dict.fromkeys(value) if isinstance(value, tuple) else (value,)
        if values:
            yield fact(key)
        yield from (fact(key, each) for each in values)

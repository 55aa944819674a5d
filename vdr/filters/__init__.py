"""Metadata of documents and the filter language over it: parsing, validation, and what filters mean.

Imports `vdr.types` and `vdr.errors` only; the engines' translators live where each engine does.
Begin with `evaluate.py`: what a filter means.
"""

from vdr.filters.evaluate import matches
from vdr.filters.metadata import (
    as_metadata,
    from_stored,
    merge_metadata,
    parse_metadata,
    parse_pair,
    to_json,
    to_stored,
)
from vdr.filters.metadata_files import read_metadata_file
from vdr.filters.names import resolve_names
from vdr.filters.parse import parse_fields, parse_filter, parse_filter_text
from vdr.filters.write import filter_to_json

__all__ = [
    "as_metadata",
    "filter_to_json",
    "from_stored",
    "matches",
    "merge_metadata",
    "parse_fields",
    "parse_filter",
    "parse_filter_text",
    "parse_metadata",
    "parse_pair",
    "read_metadata_file",
    "resolve_names",
    "to_json",
    "to_stored",
]

"""Metadata of a document: what an uploader may say of it, and how it is stored.

It is a JSON object of strings, numbers, booleans, ISO 8601 dates (as strings) and lists of strings.
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from vdr.errors import BadMetadata
from vdr.filters.fields import key_fault
from vdr.filters.text import read_json
from vdr.filters.values import instant, number, text
from vdr.types import Metadata, Scalar

# Metadata describes a document, it does not contain it.
MAX_KEYS = 64
# Each page of the document carries a copy in the index: 1,000 pages then take 8 MB.
MAX_BYTES = 8 * 1024

# The instants of those values that are dates, so that every engine compares what was parsed once, here.
# No key begins so.
INSTANTS = "_instants"

# Numbers as JSON writes them: what has leading zeros or a plus sign is a code or a telephone number.
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_FLAGS = {"true": True, "false": False}


def as_metadata(data: object, place: str = "metadata") -> Metadata:
    """The metadata, read-only. Raises BadMetadata, which names the fault by its path below `place`."""
    if not isinstance(data, dict):
        raise BadMetadata(f"{place}: expected a JSON object.")
    if len(data) > MAX_KEYS:
        raise BadMetadata(f"{place}: {len(data)} keys exceed the limit of {MAX_KEYS}.")
    checked = {_key(key, place): _value(value, f"{place}.{key}") for key, value in data.items()}
    size = len(json.dumps(checked, ensure_ascii=False).encode())
    if size > MAX_BYTES:
        raise BadMetadata(f"{place}: {size:,} bytes exceed the limit of {MAX_BYTES:,}.")
    return MappingProxyType(checked)


def parse_metadata(text: str, place: str = "metadata") -> Metadata:
    """The metadata that a text in JSON says. Raises BadMetadata."""
    try:
        data = read_json(text)
    except ValueError as error:
        raise BadMetadata(f"{place}: {error}.") from error
    return as_metadata(data, place)


def merge_metadata(metadata: Metadata, patch: Mapping[str, object]) -> Metadata:
    """The metadata after a JSON merge patch (RFC 7396): null removes a key, everything else sets it.

    Raises BadMetadata.
    """
    removed = {key for key, value in patch.items() if value is None}
    return as_metadata({key: value for key, value in {**metadata, **patch}.items() if key not in removed})


def to_stored(metadata: Metadata) -> dict[str, Any]:
    """The JSON that catalogue and index store, in which engines find dates as instants too."""
    plain = to_json(metadata)
    moments = {key: found for key, value in metadata.items() if (found := _instants(value))}
    return {**plain, INSTANTS: moments} if moments else plain


def to_json(metadata: Metadata) -> dict[str, Any]:
    """The metadata as JSON has it."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in metadata.items()}


def from_stored(stored: Mapping[str, Any]) -> Metadata:
    """The metadata that was stored."""
    plain = {key: value for key, value in stored.items() if key != INSTANTS}
    return MappingProxyType(
        {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    )


def parse_pair(pair: str) -> tuple[str, Scalar]:
    """Key and value of `key=value`, as given on the command line. Raises BadMetadata."""
    key, sign, value = pair.partition("=")
    if not sign:
        raise BadMetadata(f"{pair!r} is not in the form key=value.")
    return _key(key.strip(), "metadata"), _checked(parse_value(value.strip()), f"metadata.{key.strip()}")


def parse_value(value: str) -> Scalar:
    """What a word means: true or false, a number that can be kept exactly, or else the string that it is."""
    flag = _FLAGS.get(value.lower())
    if flag is not None:
        return flag
    if _NUMBER.fullmatch(value) is None:
        return value
    try:
        return number(float(value) if set(".eE") & set(value) else int(value))
    except ValueError:
        return value


def _key(key: str, place: str) -> str:
    fault = key_fault(key)
    if fault is not None:
        raise BadMetadata(f"{place}: {key!r} is not a valid key: {fault}.")
    return key


def _value(value: object, place: str) -> Scalar | tuple[str, ...]:
    if isinstance(value, list | tuple):
        return tuple(_element(each, f"{place}[{i}]") for i, each in enumerate(value))
    if isinstance(value, str | int | float):
        return _checked(value, place)
    raise BadMetadata(f"{place}: expected a string, a number, true, false or a list of strings.")


def _element(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise BadMetadata(f"{place}: lists may contain only strings.")
    return str(_checked(value, place))


def _checked(value: Scalar, place: str) -> Scalar:
    try:
        if isinstance(value, str):
            return text(value)
        return value if isinstance(value, bool) else number(value)
    except ValueError as error:
        raise BadMetadata(f"{place}: {error}.") from error


def _instants(value: Scalar | tuple[str, ...]) -> str | list[str] | None:
    if isinstance(value, tuple):
        return [moment for each in value if (moment := instant(each)) is not None]
    return instant(value) if isinstance(value, str) else None

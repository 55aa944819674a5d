"""What a search may be given, by the names that the API has for it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

Filter = Mapping[str, Any]


class SearchOptions(TypedDict, total=False):
    """Options of every search; what is left out is as the service has it (docs/api.md)."""

    limit: int
    offset: int
    cursor: str | None
    sort: Literal["relevance", "newest", "oldest"]
    sort_field: str | None
    mode: Literal["hybrid", "visual", "text"]
    filter: Filter | None
    document_ids: Sequence[str]
    rerank: bool
    pages_per_document: int | None
    neighbours: int
    facets: Sequence[str]
    min_confidence: float | None
    effort: Literal["fast", "balanced", "best"]
    budget_ms: int | None
    marks: bool
    explain: bool


class Listing(TypedDict, total=False):
    """Which documents a list has, and in what order."""

    filter: Filter | None
    state: Sequence[str]
    name: str
    sort: Literal["added_at", "name", "state"]
    order: Literal["asc", "desc"]


def as_body(options: SearchOptions) -> dict[str, Any]:
    """The options as fields of a JSON body."""
    body: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    document_ids = body.pop("document_ids", ())
    if document_ids:
        body["filters"] = {"document_ids": list(document_ids)}
    return {name: list(value) if name == "facets" else value for name, value in body.items()}


def as_parameters(options: SearchOptions | Listing) -> dict[str, Any]:
    """The options as query parameters."""
    parameters = {name: value for name, value in options.items() if value is not None}
    if (filter := options.get("filter")) is not None:
        parameters["filter"] = json.dumps(filter)
    return parameters

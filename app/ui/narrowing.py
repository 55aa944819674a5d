"""What was found, counted by metadata: each value with the address that narrows the search to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.ui.forms import HITS, SearchForm
from vdr.filters import filter_to_json, parse_filter_text
from vdr.types import AllOf, Condition, Facet, FacetValue, Filter, Operator, Scalar

MOST_FIELDS = 4
_MOST_VALUES = 6


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """A value of a field, on how many of the pages found, and the address that shows these alone."""

    value: str
    pages: int
    address: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of metadata with its most frequent values, and how many `more` it has."""

    name: str
    choices: tuple[ChoiceView, ...]
    more: int


def narrowing(facets: Mapping[str, Facet], form: SearchForm) -> tuple[FieldView, ...]:
    """The fields that a search can be narrowed by: those in which the pages found differ.

    The form's filter must be a valid one.
    """
    asked = parse_filter_text(form.filter) if form.filter else None
    return tuple(
        FieldView(
            name,
            tuple(_choice(name, each, asked, form) for each in facet.values[:_MOST_VALUES]),
            facet.more + max(0, len(facet.values) - _MOST_VALUES),
        )
        for name, facet in facets.items()
        if len(facet.values) > 1
    )


def _choice(field: str, counted: FacetValue, asked: Filter | None, form: SearchForm) -> ChoiceView:
    wanted = _both(asked, Condition(field, Operator.EQ, counted.value))
    narrowed = replace(form, filter=json.dumps(filter_to_json(wanted), ensure_ascii=False), shown=HITS)
    return ChoiceView(_shown(counted.value), counted.pages, narrowed.address)


def _both(asked: Filter | None, chosen: Condition) -> Filter:
    """Without a level more for each choice, of which a filter may have but some."""
    match asked:
        case None:
            return chosen
        case AllOf(filters):
            return AllOf((*filters, chosen))
        case _:
            return AllOf((asked, chosen))


def _shown(value: Scalar) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)

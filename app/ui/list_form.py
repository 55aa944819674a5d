"""What is asked of the list of documents, and the addresses that ask it again."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import Depends, Query, Request

from app.addresses import addresses
from app.api.filters import MAX_FILTER_CHARACTERS
from vdr.filters import parse_filter_text
from vdr.types import UNFINISHED, DocumentSort, DocumentState, Listing

_MAX_NAME = 255
_MAX_CURSOR = 4_000


class Order(StrEnum):
    """How the list may be sorted."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    STATE = "state"


ORDERS = {
    Order.NEWEST: (DocumentSort.ADDED_AT, True, "Newest first"),
    Order.OLDEST: (DocumentSort.ADDED_AT, False, "Oldest first"),
    Order.NAME: (DocumentSort.NAME, False, "By name"),
    Order.STATE: (DocumentSort.STATE, False, "By state"),
}


class Standing(StrEnum):
    """How far the documents of the list may have come, as people tell it apart."""

    ANY = ""
    IN_PROGRESS = "in_progress"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


STANDINGS: dict[Standing, tuple[tuple[DocumentState, ...], str]] = {
    Standing.ANY: ((), "Any state"),
    Standing.IN_PROGRESS: (UNFINISHED, "In progress"),
    Standing.READY: ((DocumentState.INDEXED,), "Ready"),
    Standing.FAILED: ((DocumentState.FAILED,), "Failed"),
    Standing.CANCELLED: ((DocumentState.CANCELLED,), "Cancelled"),
}


@dataclass(frozen=True, slots=True)
class ListForm:
    """What is asked of the list; `after` and `before` are cursors, "" where the list begins at its first."""

    name: str = ""
    order: Order = Order.NEWEST
    state: Standing = Standing.ANY
    filter: str = ""
    after: str = ""
    before: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Does it leave documents out?"""
        return bool(self.name or self.state or self.filter)

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        order = "" if self.order is Order.NEWEST else self.order.value
        values = (self.name, order, self.state.value, self.filter, self.after, self.before)
        return urlencode({field: value for field, value in zip(_FIELDS, values, strict=True) if value})

    def at(self, after: str = "", before: str = "") -> "ListForm":
        """The same list, from another place on."""
        return replace(self, after=after, before=before)

    def listing(self) -> Listing:
        """What the catalogue is asked for. Raises BadFilter."""
        where = parse_filter_text(self.filter) if self.filter else None
        sort, is_descending, _ = ORDERS[self.order]
        states, _ = STANDINGS[self.state]
        return Listing(where, states, self.name, sort, is_descending)


WHOLE = ListForm()
# Beside those of the search in the address of the page: its filter is another one.
_FIELDS = ("name", "order", "state", "list_filter", "after", "before")


def _list_form(
    name: Annotated[str, Query(max_length=_MAX_NAME, pattern=r"^[^\x00]*$")] = "",
    order: Order = Order.NEWEST,
    state: Standing = Standing.ANY,
    list_filter: Annotated[str, Query(max_length=MAX_FILTER_CHARACTERS)] = "",
    after: Annotated[str, Query(max_length=_MAX_CURSOR)] = "",
    before: Annotated[str, Query(max_length=_MAX_CURSOR)] = "",
) -> ListForm:
    return ListForm(" ".join(name.split()), order, state, list_filter.strip(), after, before)


ListFormOf = Annotated[ListForm, Depends(_list_form)]


def home_with_list(request: Request, form: ListForm) -> str | None:
    """The address of the page that a fragment is for, with another list; None where it shows no list."""
    home = f"{addresses(request).ui}/"
    current = _current(request, home)
    if current is None:
        return None
    search = urlencode([(field, value) for field, value in current if field not in _FIELDS])
    return _joined(home, search, form.query)


def home_with_search(request: Request, search: str) -> str:
    """The address of the page with another search, and the list that it shows now."""
    home = f"{addresses(request).ui}/"
    listed = urlencode([pair for pair in _current(request, home) or () if pair[0] in _FIELDS])
    return _joined(home, search, listed)


def _current(request: Request, home: str) -> list[tuple[str, str]] | None:
    current = urlsplit(request.headers.get("hx-current-url", ""))
    return parse_qsl(current.query) if current.path == home else None


def _joined(home: str, *queries: str) -> str:
    query = "&".join(filter(None, queries))
    return f"{home}?{query}" if query else home

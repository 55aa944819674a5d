"""Cursors: what they name is left out, and they are good for one search over one index."""

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from vdr.errors import BadInput, CursorExpired
from vdr.index import IndexSchema
from vdr.models.reranker import LoadedStep
from vdr.search.cursors import Scope, cursor_of, digest_of, page_key, scope_of, shown_before
from vdr.settings import SearchSettings
from vdr.types import Condition, Operator, PageRef, SearchMode, SearchRequest, SearchSort

ASKED = SearchRequest("harbour fees")
KEYS = {page_key(PageRef("a" * 64, n)) for n in range(1, 8)}


def scope(request: SearchRequest, schema: IndexSchema, **settings: int) -> Scope:
    return scope_of(request, schema, SearchSettings.model_validate(settings), ())


def test_what_was_shown_is_read_back(schema: IndexSchema) -> None:
    for keys in (set(), KEYS):
        cursor = cursor_of(keys, scope(ASKED, schema))
        again = replace(ASKED, cursor=cursor, limit=3, explain=True, neighbours=2, facets=("kind",))
        assert shown_before(again, scope(again, schema)) == keys
    assert shown_before(ASKED, scope(ASKED, schema)) == frozenset()


@pytest.mark.parametrize(
    "change",
    [
        {"text": "harbour dues"},
        {"mode": SearchMode.TEXT},
        {"rerank": False},
        {"pages_per_document": 2},
        {"sort": SearchSort.NEWEST},
        {"sort": SearchSort.NEWEST, "sort_field": "due"},
        {"filter": Condition("kind", Operator.EQ, "pdf")},
        {"text": None, "page": PageRef("a" * 64, 1)},
        {"text": None, "image": Image.new("RGB", (9, 9))},
    ],
)
def test_one_of_another_search_is_refused(schema: IndexSchema, change: dict[str, Any]) -> None:
    other = replace(ASKED, cursor=cursor_of(KEYS, scope(ASKED, schema)), **change)
    with pytest.raises(BadInput, match="belongs to another search"):
        shown_before(other, scope(other, schema))


def test_images_are_told_apart_by_what_they_show() -> None:
    white, again, black = (Image.new("RGB", (9, 9), colour) for colour in ("white", "white", "black"))
    first, same, other = (digest_of(SearchRequest(image=image)) for image in (white, again, black))
    assert first == same != other


def test_a_digest_that_was_made_before_counts(schema: IndexSchema) -> None:
    where = Condition("document_name", Operator.EQ, "a.pdf")
    asked = replace(ASKED, filter=where)
    resolved = replace(
        asked, filter=Condition("document_id", Operator.IN, ("a" * 64,)), digest=digest_of(asked)
    )
    assert scope(resolved, schema) == scope(asked, schema)


def test_one_of_another_index_or_other_settings_has_expired(schema: IndexSchema) -> None:
    cursor = cursor_of(KEYS, scope(ASKED, schema))
    asked = replace(ASKED, cursor=cursor)
    scopes = [
        scope(asked, replace(schema, name="g9")),
        scope(asked, replace(schema, fingerprint="another")),
        scope(asked, replace(schema, collection="another")),
        scope(asked, schema, candidates=99),
        scope_of(asked, schema, SearchSettings(), [LoadedStep(depth=7)]),
    ]
    for each in scopes:
        with pytest.raises(CursorExpired, match="have changed"):
            shown_before(asked, each)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "ä", "====", "!" * 40, "A" * 40])
def test_what_is_no_cursor_is_refused(schema: IndexSchema, cursor: str) -> None:
    with pytest.raises(BadInput, match="this is not a cursor"):
        shown_before(replace(ASKED, cursor=cursor), scope(ASKED, schema))


def test_one_with_an_offset_is_refused(schema: IndexSchema) -> None:
    asked = replace(ASKED, cursor=cursor_of(KEYS, scope(ASKED, schema)), offset=1)
    with pytest.raises(BadInput, match="exclude each other"):
        shown_before(asked, scope(asked, schema))


def test_so_much_was_shown_that_no_cursor_tells_it(schema: IndexSchema) -> None:
    keys = [n.to_bytes(5) for n in range(10_000)]
    assert cursor_of(keys[:9_500], scope(ASKED, schema)) is not None
    assert cursor_of(keys, scope(ASKED, schema)) is None

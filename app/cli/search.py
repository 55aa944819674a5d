"""The command `vdr search`: the pages that answer a question, for people or as JSON."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from app.api.search.schemas import SearchResponse
from app.cli.corpus import Corpus, ids_of, in_documents_named, open_corpus
from app.cli.hits import print_facets, print_hits, print_json, print_words
from app.cli.terminal import check_open, open_link
from indexer.commands.options import CollectionOption
from vdr.environment import read_settings
from vdr.errors import BadInput, NotFound
from vdr.filters import parse_fields, parse_filter_text
from vdr.search.request import MAX_FACETS, MAX_NEIGHBOURS, all_of, sort_field_of
from vdr.types import Effort, PageRef, SearchMode, SearchRequest, SearchSort


def search(
    question: Annotated[str, typer.Argument(help="The question, in plain words.")] = "",
    like: Annotated[
        str | None,
        typer.Option(
            help="Find pages similar to this one: a document's name or id, #, and a page number. With a "
            "question, pages first that answer it as well.",
            metavar="DOCUMENT#PAGE",
        ),
    ] = None,
    mode: Annotated[
        SearchMode, typer.Option(help="Search page images, the text layer, or both.")
    ] = SearchMode.HYBRID,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of results.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Results to skip before the first.")] = 0,
    cursor: Annotated[
        str | None,
        typer.Option(
            metavar="CURSOR", help="Continue after the results of the same search: its next_cursor (--json)."
        ),
    ] = None,
    sort: Annotated[
        SearchSort, typer.Option(help="Order of results of like relevance: by it, or by date.")
    ] = SearchSort.RELEVANCE,
    sort_field: Annotated[
        str | None,
        typer.Option(
            "--sort-field",
            metavar="FIELD",
            help="Sort by the date in this field; by default the PDF's own, or when it was added.",
        ),
    ] = None,
    document: Annotated[
        list[str] | None, typer.Option(help="Search only this document, by name or id. May be repeated.")
    ] = None,
    filter: Annotated[
        str | None, typer.Option("--filter", help="Only pages that pass this filter, in JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, as the API returns it.")] = False,
    open_hit: Annotated[
        int | None, typer.Option("--open", min=1, metavar="N", help="Open the page of result N.")
    ] = None,
    no_rerank: Annotated[bool, typer.Option("--no-rerank", help="Skip reranking.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Say why each page was found.")] = False,
    per_document: Annotated[
        int | None,
        typer.Option(
            "--per-document",
            min=1,
            max=100,
            metavar="N",
            help="Show the best N pages of each document together; --limit and --offset count documents.",
        ),
    ] = None,
    neighbours: Annotated[
        int,
        typer.Option(
            min=0, max=MAX_NEIGHBOURS, metavar="N", help="Show the N pages before and after each result too."
        ),
    ] = 0,
    facet: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD",
            help="Count all pages found by the values of this field, as filters name it. May be repeated.",
        ),
    ] = None,
    effort: Annotated[
        Effort, typer.Option(help="How much to do: fast skips reranking, best looks at twice as many pages.")
    ] = Effort.BALANCED,
    min_confidence: Annotated[
        float | None,
        typer.Option(
            "--min-confidence", min=0, max=1, metavar="P", help="Only pages that answer with this chance."
        ),
    ] = None,
    collection: CollectionOption = None,
) -> None:
    """Find the pages that answer QUESTION, are like a page, or both.

    If a service is running (VDR_URL, or vdr serve on the same data), it answers; otherwise the model is
    loaded for each search.
    """
    if not question.strip() and like is None:
        raise BadInput("Give a question or --like.", remedy="See vdr search --help.")
    if per_document is None and cursor is None:  # else nobody knows which ranks are shown
        check_open(open_hit, limit, offset)
    settings = read_settings()
    request = SearchRequest(
        question.encode(errors="replace").decode(),  # bytes that are no text come as half characters
        mode=mode,
        filter=None if filter is None else parse_filter_text(filter),
        limit=limit,
        offset=offset,
        rerank=not no_rerank,
        explain=explain,
        pages_per_document=per_document,
        min_confidence=min_confidence,
        effort=effort,
        neighbours=neighbours,
        facets=_fields(facet or ()),
        cursor=cursor,
        sort=sort,
        sort_field=sort_field_of(sort, sort_field),
    )
    with open_corpus(settings, collection) as corpus:
        show_answer(request, corpus, documents=document or (), like=like, as_json=as_json, open_hit=open_hit)


def _fields(names: Sequence[str]) -> tuple[str, ...]:
    """Raises BadFilter, and BadInput for too many."""
    if len(names) > MAX_FACETS:
        raise BadInput(f"{len(names)} facets are too many.", remedy=f"Use {MAX_FACETS} at most.")
    return parse_fields(names, "--facet")


def show_answer(
    request: SearchRequest,
    corpus: Corpus,
    *,
    documents: Sequence[str] = (),
    like: str | None = None,
    as_json: bool = False,
    open_hit: int | None = None,
) -> None:
    """Print the pages that answer a question, are `like` a page, which is given as DOCUMENT#PAGE, or both.

    Of `documents` by their names or ids, of all if none is named; `open_hit` is the rank of the one to open.
    Raises NotFound for an empty collection, an unknown document or page.
    """
    chosen = all_of(in_documents_named(corpus, documents), request.filter)
    page = None if like is None else _page_named(corpus, like)
    found = corpus.search(replace(request, filter=chosen, page=page))
    if not found.hits and next(corpus.documents(limit=1), None) is None:
        raise NotFound(
            "Nothing has been indexed yet.", remedy="Index some documents first: vdr index FILE.pdf"
        )
    if as_json:
        print_json(found)
    else:
        _print(found, corpus, are_for_words=page is None or bool(request.text))
    for hit in found.hits:
        if hit.rank == open_hit:
            open_link(hit.page_url)


def _print(found: SearchResponse, corpus: Corpus, *, are_for_words: bool) -> None:
    print_words(found)
    if found.hits:
        print_hits(found, corpus, are_for_words=are_for_words)
    else:
        typer.echo("No matching pages.")
    print_facets(found)


def _page_named(corpus: Corpus, like: str) -> PageRef:
    """The page that DOCUMENT#PAGE names. Raises BadInput, NotFound."""
    name, _, number = like.rpartition("#")
    if not (name and number.isdecimal()):
        raise BadInput(f"--like {like} has no page number.", remedy="Write it as report.pdf#12.")
    found = ids_of(corpus, name)
    if len(found) > 1:
        raise BadInput(f"{len(found)} documents are named {name}.", remedy="Give the id instead.")
    return PageRef(found[0], int(number))

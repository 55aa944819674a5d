"""The command `vdr search`: the pages that answer a question, as a table or as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.stages import public_stages, shown_score
from indexer.commands.options import CollectionOption
from indexer.commands.reporting import json_text
from indexer.fields import resolved
from indexer.library import Library
from indexer.naming import ids_named, not_named, told_apart
from indexer.services import open_services
from vdr.errors import BadInput, NotFound
from vdr.filters import parse_filter_text
from vdr.models.loading import Models
from vdr.search.request import all_of, in_documents
from vdr.search.searcher import Searcher
from vdr.settings import Settings, read_settings
from vdr.types import Filter, Hit, PageRef, SearchMode, SearchRequest, SearchResult


def search(
    question: Annotated[str, typer.Argument(help="The question, in plain words.")] = "",
    like: Annotated[
        str | None,
        typer.Option(
            help="Find pages similar to this one instead: a document's name or id, #, and a page number.",
            metavar="DOCUMENT#PAGE",
        ),
    ] = None,
    mode: Annotated[
        SearchMode, typer.Option(help="Search page images, the text layer, or both.")
    ] = SearchMode.HYBRID,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Maximum number of results.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Results to skip before the first.")] = 0,
    document: Annotated[
        list[str] | None, typer.Option(help="Search only this document, by name or id. May be repeated.")
    ] = None,
    filter: Annotated[
        str | None, typer.Option("--filter", help="Only pages that pass this filter, in JSON.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    open_best: Annotated[
        bool, typer.Option("--open", help="Open the page image of the best result.")
    ] = False,
    no_rerank: Annotated[bool, typer.Option("--no-rerank", help="Skip reranking.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Find the pages that answer QUESTION, or are like a page."""
    if bool(question.strip()) == (like is not None):
        raise BadInput("Give either a question or --like.", remedy="See vdr search --help.")
    settings = read_settings()
    request = SearchRequest(
        question.encode(errors="replace").decode(),  # bytes that are no text come as half characters
        collection=collection or settings.index.collection,
        mode=mode,
        filter=None if filter is None else parse_filter_text(filter),
        limit=limit,
        offset=offset,
        rerank=not no_rerank,
    )
    shown = {"as_json": as_json, "open_best": open_best}
    show_answer(request, settings, Models(settings.model), documents=document or (), like=like, **shown)


def show_answer(
    request: SearchRequest,
    settings: Settings,
    models: Models,
    *,
    documents: Sequence[str] = (),
    like: str | None = None,
    as_json: bool = False,
    open_best: bool = False,
) -> None:
    """Print the pages that answer a question, or are `like` a page, which is given as DOCUMENT#PAGE.

    Of `documents` by their names or ids, of all if none is named. Raises NotFound for an empty index, an
    unknown document or page.
    """
    with open_services(settings, models) as services:
        library = services.library(request.collection)
        index = library.index
        if index is None or index.count() == 0:
            raise NotFound(
                "Nothing has been indexed yet.", remedy="Index some documents first: vdr index FILE.pdf"
            )
        searcher = Searcher(library.embedder, index, library.objects, settings.search, models.reranker())
        chosen = all_of(_in_documents(library, documents), resolved(request.filter, library.catalogue))
        page = None if like is None else _page_named(library, like)
        result = searcher.search(replace(request, filter=chosen, page=page))
        best_image = _best_image(library, result) if open_best else None
        names = {hit.page.document_id: hit.document_name for hit in result.hits}
        shown_names = told_apart(library.catalogue, names)
    _print(result, shown_names, as_json=as_json)
    if best_image is not None:
        typer.launch(str(best_image), wait=True)


def _in_documents(library: Library, wanted: Sequence[str]) -> Filter | None:
    return in_documents([document_id for each in wanted for document_id in _find(library, each)])


def _page_named(library: Library, like: str) -> PageRef:
    """The page that DOCUMENT#PAGE names. Raises BadInput, NotFound."""
    name, _, number = like.rpartition("#")
    if not (name and number.isdecimal()):
        raise BadInput(f"--like {like} has no page number.", remedy="Write it as report.pdf#12.")
    found = _find(library, name)
    if len(found) > 1:
        raise BadInput(f"{len(found)} documents are named {name}.", remedy="Give the id instead.")
    page = PageRef(found[0], int(number))
    library.document_of(page)
    return page


def _find(library: Library, wanted: str) -> list[str]:
    found = ids_named(library.catalogue, wanted)
    if not found:
        raise not_named(wanted)
    return found


def _print(result: SearchResult, names: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        shown = {"hits": [_as_json(hit) for hit in result.hits], "timings_ms": result.timings_ms}
        typer.echo(json_text(shown, indent=2))
    elif result.hits:
        Console().print(_table(result.hits, names))
    else:
        typer.echo("No matching pages.")


def _as_json(hit: Hit) -> dict[str, object]:
    return {
        "rank": hit.rank,
        "document_id": hit.page.document_id,
        "document_name": hit.document_name,
        "page_number": hit.page.page_number,
        "page_label": hit.page_label,
        "score": hit.score,
        "stages": public_stages(hit.stages),
        "snippet": asdict(hit.snippet),
    }


def _table(hits: Sequence[Hit], names: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, justify in (("#", "right"), ("score", "right")):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("document", overflow="fold", max_width=32)
    table.add_column("page", justify="right", no_wrap=True)
    table.add_column("snippet", overflow="fold")
    for hit in hits:
        name = Text(names[hit.page.document_id])
        table.add_row(str(hit.rank), shown_score(hit.score), name, Text(_page(hit)), _snippet(hit))
    return table


def _page(hit: Hit) -> str:
    """The page as people call it, with its place in the file where that is another one."""
    number = str(hit.page.page_number)
    return number if hit.page_label == number else f"{hit.page_label} ({number})"


def _snippet(hit: Hit) -> Text:
    text = Text(hit.snippet.text)
    if hit.snippet.from_pixels and hit.snippet.text:
        text.append(" (read from pixels)", style="italic dim")
    return text


def _best_image(library: Library, result: SearchResult) -> Path | None:
    if not result.hits:
        return None
    best = result.hits[0].page
    # The viewer may read it after this command has ended, so it is not removed here.
    with NamedTemporaryFile(prefix=f"page-{best.page_number}-", suffix=".webp", delete=False) as file:
        file.write(library.objects.page_image(best))
    return Path(file.name)

"""The command line: `vdr` with the commands each room offers, `search` and `serve` among them."""

import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, replace
from importlib.metadata import EntryPoint, entry_points, version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.stages import public_stages
from indexer.commands.upkeep import check_shared
from indexer.library import Library, open_library
from indexer.ocr.pages import check_ocr
from vdr.errors import NotFound, VdrError
from vdr.search.request import in_documents
from vdr.settings import Settings, read_settings
from vdr.types import Filter, Hit, SearchMode, SearchRequest, SearchResult

if TYPE_CHECKING:  # takes seconds to import
    from vdr.models.embedder import Embedder
    from vdr.models.reranker import Reranker

FAILED = 2
_NOT_STARTED = 3  # as uvicorn's own command ends
_GRACE_S = 5  # for requests at hand; Docker kills after 10 s
_PAGE_OF_CATALOGUE = 200
# Of the extra `train`, which a service does not need.
_FOR_TRAINING = frozenset({"accelerate", "datasets", "httpx", "matplotlib", "nncf", "peft"})


def main() -> None:
    """Run a command; what it cannot do is said in one line, with exit code 2."""
    try:
        compose(entry_points(group="vdr.commands"))()
    except VdrError as error:
        typer.echo(str(error), err=True)
        sys.exit(FAILED)
    except ModuleNotFoundError as error:
        if error.name not in _FOR_TRAINING:
            raise
        typer.echo(f"Training needs {error.name}. Install it with: pip install 'vdr[train]'", err=True)
        sys.exit(FAILED)


def compose(commands: Iterable[EntryPoint]) -> typer.Typer:
    """The application with these commands, each a function that typer understands or a group of such."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(help="Ask a question in words, get the PDF page that answers it.")(_options)
    for command in sorted(commands, key=lambda each: each.name):
        loaded = command.load()
        if isinstance(loaded, typer.Typer):
            app.add_typer(loaded, name=command.name)
        else:
            app.command(command.name)(loaded)
    return app


def search(
    question: Annotated[str, typer.Argument(help="What you would like to know.")],
    mode: Annotated[SearchMode, typer.Option(help="What to search by.")] = SearchMode.HYBRID,
    limit: Annotated[int, typer.Option(min=1, max=100, help="Most pages shown.")] = 10,
    offset: Annotated[int, typer.Option(min=0, help="Pages left out before the first.")] = 0,
    document: Annotated[
        list[str] | None, typer.Option(help="Only in this document: its name or id. May be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")] = False,
    open_best: Annotated[bool, typer.Option("--open", help="Open the image of the best page.")] = False,
    no_rerank: Annotated[bool, typer.Option("--no-rerank", help="Do not look at the best twice.")] = False,
) -> None:
    """Find the pages that answer QUESTION."""
    from vdr.models.embedder import load_embedder  # noqa: PLC0415 - takes seconds, which `--help` need not wait
    from vdr.models.reranker import load_reranker  # noqa: PLC0415

    request = SearchRequest(question, mode=mode, limit=limit, offset=offset, rerank=not no_rerank)
    settings = read_settings()
    models = load_embedder(settings.model), load_reranker(settings.model)
    show_answer(request, settings, *models, documents=document or (), as_json=as_json, open_best=open_best)


def show_answer(
    request: SearchRequest,
    settings: Settings,
    embedder: "Embedder",
    reranker: "Reranker | None" = None,
    *,
    documents: Sequence[str] = (),
    as_json: bool = False,
    open_best: bool = False,
) -> None:
    """Print the pages that answer a question, of `documents` by their names or ids, of all if none is named.

    Raises NotFound for an empty index or an unknown document.
    """
    from vdr.search.searcher import Searcher  # noqa: PLC0415 - takes seconds

    with closing(_filled_library(settings, embedder)) as library:
        searcher = Searcher(embedder, library.index, library.objects, settings.search, reranker)
        result = searcher.search(replace(request, filter=_filter(library, documents)))
        best_image = _best_image(library, result) if open_best else None
    _print(result, as_json=as_json)
    if best_image is not None:
        typer.launch(str(best_image), wait=True)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; VDR_HOST if unset.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65_535, help="VDR_PORT if unset.")] = None,
) -> None:
    """Serve the API and the page for people."""
    from vdr.models.embedder import load_embedder  # noqa: PLC0415 - takes seconds
    from vdr.models.reranker import load_reranker  # noqa: PLC0415

    settings = read_settings()
    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = settings.model_copy(update={"service": settings.service.model_copy(update=given)})
    if not settings.jobs.worker:
        check_shared(settings)
    run_service(settings, load_embedder(settings.model), load_reranker(settings.model))


def run_service(settings: Settings, embedder: "Embedder", reranker: "Reranker | None" = None) -> None:
    """Serve until interrupted. Raises what opening the library raises."""
    import uvicorn  # noqa: PLC0415

    from app.service import create_app  # noqa: PLC0415

    # Opened once before: inside the server an error would come as a page of traceback instead of a line.
    if settings.jobs.worker:
        check_ocr(settings.index.collection, settings.ingest)
    open_library(settings, embedder).close()
    service = settings.service
    app = create_app(settings, embedder, reranker, is_ending=lambda: server.should_exit)
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host=service.host,
            port=service.port,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
    with suppress(KeyboardInterrupt):  # raised again by the server, once it has ended
        server.run()
    if not server.started:
        sys.exit(_NOT_STARTED)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"vdr {version('vdr')}")
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """What `vdr` itself takes, before any command."""


def _filled_library(settings: Settings, embedder: "Embedder") -> Library:
    library = open_library(settings, embedder)
    if library.index.count() == 0:
        library.close()
        raise NotFound("Nothing has been indexed yet.", remedy="Index some PDFs first: vdr index FILE.pdf")
    return library


def _filter(library: Library, wanted: Sequence[str]) -> Filter | None:
    return in_documents([document_id for each in wanted for document_id in _find(library, each)])


def _find(library: Library, wanted: str) -> list[str]:
    """The ids of the documents with this id or this name."""
    after, found = None, list[str]()
    while documents := library.catalogue.page(_PAGE_OF_CATALOGUE, after):
        found += [each.document_id for each in documents if wanted in {each.document_id, each.name}]
        after = documents[-1].document_id
    if not found:
        raise NotFound(f"There is no document {wanted!r}.", remedy="Give its file name, or its id.")
    return found


def _print(result: SearchResult, *, as_json: bool) -> None:
    if as_json:
        shown = {"hits": [_as_json(hit) for hit in result.hits], "timings_ms": result.timings_ms}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    elif result.hits:
        Console().print(_table(result.hits))
    else:
        typer.echo("No page found.")


def _as_json(hit: Hit) -> dict[str, object]:
    return {
        "rank": hit.rank,
        "document_id": hit.page.document_id,
        "document_name": hit.document_name,
        "page_number": hit.page.page_number,
        "score": hit.score,
        "stages": public_stages(hit.stages),
        "snippet": asdict(hit.snippet),
    }


def _table(hits: Sequence[Hit]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, justify in (("#", "right"), ("score", "right")):
        table.add_column(heading, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column("document", overflow="fold", max_width=32)
    table.add_column("page", justify="right", no_wrap=True)
    table.add_column("snippet", overflow="fold")
    for hit in hits:
        name = Text(hit.document_name)
        table.add_row(str(hit.rank), f"{hit.score:.3g}", name, str(hit.page.page_number), _snippet(hit))
    return table


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
        file.write(library.objects.page_image(best.document_id, best.page_number))
    return Path(file.name)

"""The command `vdr tune`: finds the plan that a collection's searches should go by, and keeps it."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track

from indexer.commands.options import CollectionOption
from indexer.library import Library
from indexer.services import Services, open_services
from training.confidence.asked import AskedQuestion, questions_of
from training.tune.keep import keep
from training.tune.show import said_of, table_of, to_json
from training.tune.tuning import Tuning, shape_by_settings, tune
from vdr.environment import read_settings
from vdr.errors import BadInput, NotFound
from vdr.files import check_writable
from vdr.index import VectorIndex
from vdr.types import QueryVectors

LEAST_QUESTIONS = 50
_MOST_OWN = 200  # questions, taken from the documents themselves
_SEED = 0
_WIDTH = 110  # where nobody says how wide the terminal is


def tune_collection(
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="[QUESTIONS]",
            help="Questions with their document and page_numbers, as .jsonl or .csv. Default: phrases of the "
            "documents themselves, which are easier than what people ask.",
        ),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Keep the recommended plan: default searches go by it.")
    ] = False,
    reset: Annotated[
        bool, typer.Option("--reset", help="Drop the plan that is kept: searches go by the settings.")
    ] = False,
    front: Annotated[
        Path | None, typer.Option(metavar="FILE.png", help="Draw quality against time to this file.")
    ] = None,
    limit_queries: Annotated[
        int | None, typer.Option(min=1, help="Ask only N of the questions, drawn at random.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    collection: CollectionOption = None,
) -> None:
    """Find the search plan that brings most for least on a collection's own questions."""
    if reset and (apply or questions is not None or front is not None):
        raise BadInput("--reset is used alone.", remedy="See vdr tune --help.")
    draw = None if front is None else _drawing_to(front)
    with open_services(read_settings()) as services:
        library = services.library(collection)
        if reset:
            library.collections.note_plan(library.generation, None)
            typer.echo(f"Searches of collection {library.collection.name} go by the settings.")
            return
        index = _index_of(library)
        asked = _asked(library, questions, limit_queries)
        vectors = library.query_embedder.encode_queries([question.text for question in asked])
        tuning = tune(library, index, services.settings.search, asked, vectors, _tracked)
        _show(tuning, as_json=as_json)
        if draw is not None:
            draw(tuning)
        if apply:
            said = _kept(services, library, index, tuning, asked, vectors)
            typer.echo("\n".join(said), err=as_json)


def _drawing_to(file: Path) -> Callable[[Tuning], None]:
    """What draws to a file, found out before an hour's work.

    Raises BadInput for what is no name of a PNG, and ImportError where there is nothing to draw with.
    """
    if file.suffix.lower() != ".png":
        raise BadInput(f"--front {file} is not a PNG.", remedy="Choose a name that ends in .png.")
    check_writable(file)
    from training.tune.draw import draw_front  # noqa: PLC0415 - who draws nothing need not have matplotlib

    return partial(draw_front, path=file)


def _index_of(library: Library) -> VectorIndex:
    """Raises NotFound for a collection without a page."""
    index = library.index
    if index is None or not index.count():
        raise NotFound(
            "Nothing has been indexed yet.", remedy="Index some documents first: vdr index FILE.pdf"
        )
    return index


def _asked(library: Library, file: Path | None, most: int | None) -> list[AskedQuestion]:
    """Raises BadInput where there are too few, and for those that do not fit the collection."""
    asked = questions_of(library, file, _MOST_OWN)
    if most is not None and len(asked) > most:
        asked = random.Random(_SEED).sample(asked, most)
    if (missing := LEAST_QUESTIONS - len(asked)) > 0:
        raise BadInput(
            f"There are {len(asked)} questions with known answers; {LEAST_QUESTIONS} are needed, {missing} "
            "more.",
            remedy="Label more questions, or add documents with text.",
        )
    return asked


def _tracked(places: Sequence[int]) -> Iterable[int]:
    console = Console(stderr=True)
    return track(places, "Asking", console=console, transient=True, disable=not console.is_terminal)


def _show(tuning: Tuning, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(to_json(tuning)))
    else:
        console = Console()
        console = console if console.is_terminal else Console(width=_WIDTH)
        console.print(table_of(tuning))
        typer.echo("\n".join(said_of(tuning)))


def _kept(
    services: Services,
    library: Library,
    index: VectorIndex,
    tuning: Tuning,
    asked: Sequence[AskedQuestion],
    vectors: Sequence[QueryVectors],
) -> list[str]:
    if tuning.recommended == tuning.served:
        return ["Nothing is changed."]
    if tuning.recommended == tuning.by_settings:
        library.collections.note_plan(library.generation, None)
        return ["That is what the settings say: the plan that was kept is dropped."]
    shape = tuning.rows[tuning.recommended].shape
    searcher = library.searcher(services.settings.search, index, library.query_embedder)
    kept = keep(library, searcher, shape, datetime.now(UTC), asked, vectors)
    said = [f"Collection {library.collection.name} keeps it: default searches go by it from now on."]
    if kept.calibration is not None:
        said.append("How sure hits are was calibrated for it, on the same questions.")
    elif shape.stages != shape_by_settings(searcher).stages:
        said.append(
            "How sure hits are is not known with it: these questions tell too little. Run vdr calibrate."
        )
    return said

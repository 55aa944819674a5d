"""The command `vdr calibrate`: makes confidence mean what it says for a collection."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from indexer.commands.options import CollectionOption
from indexer.library import Library
from indexer.services import Services, open_services
from training.confidence.asked import AskedQuestion, questions_of
from training.confidence.fit import calibrate, fit
from training.confidence.observe import observe
from training.confidence.quality import Quality, held_out, quality
from vdr.environment import read_settings
from vdr.errors import BadInput, NotFound
from vdr.models.reranker import LoadedStep
from vdr.search.calibration import ModeCalibration
from vdr.search.searcher import Searcher
from vdr.types import SearchMode

LEAST_QUESTIONS = 50
_MOST_OWN = 400  # questions, taken from the documents themselves
_REMEDY = "Label more questions, or add documents with text."


def calibrate_collection(
    questions: Annotated[
        Path | None,
        typer.Argument(
            metavar="[QUESTIONS]",
            help="Questions with their document and page_numbers, as .jsonl or .csv. Default: phrases of the "
            "documents themselves, which are easier than what people ask.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Go back to the calibration that comes with the models, if any.")
    ] = False,
    collection: CollectionOption = None,
) -> None:
    """Calibrate the confidence of a collection's searches on questions with known answers."""
    if forget and questions is not None:
        raise BadInput("Give either questions or --forget.", remedy="See vdr calibrate --help.")
    with open_services(read_settings()) as services:
        library = services.library(collection)
        if forget:
            library.collections.note_calibration(library.generation, None)
            _note_plans_own(library, services.models.rerankers(), None)
            return
        before, after, count = _calibrated(services, library, questions)
    if as_json:
        typer.echo(json.dumps({"questions": count, "before": _told(before), "after": _told(after)}))
    else:
        _print(library.collection.name, before, after, count)


def _calibrated(
    services: Services, library: Library, file: Path | None
) -> tuple[Quality | None, Quality, int]:
    index = library.index
    if index is None:
        raise NotFound(
            "Nothing has been indexed yet.", remedy="Index some documents first: vdr index FILE.pdf"
        )
    asked = questions_of(library, file, _MOST_OWN)
    _check(asked)
    rerankers = services.models.rerankers()
    searcher = library.searcher(services.settings.search, index, library.query_embedder)
    vectors = searcher.embedder.encode_queries([question.text for question in asked])
    observed = list(observe(replace(searcher, tuned=None), asked, vectors))
    calibration = calibrate(observed, library.made_with(rerankers))
    shown, before = [each for each in observed if each.mode is SearchMode.HYBRID], _hybrid(searcher)
    if searcher.tuned is not None:  # default searches go by another plan than those at another effort
        shown = list(observe(searcher, asked, vectors, [SearchMode.HYBRID]))
        _note_plans_own(library, rerankers, fit(shown))
    told = None if before is None else quality(before, shown), held_out(shown), len(asked)
    library.collections.note_calibration(library.generation, calibration.model_dump(mode="json"))
    return told


def _note_plans_own(
    library: Library, rerankers: Sequence[LoadedStep], fitted: ModeCalibration | None
) -> None:
    """Note how sure searches are by the plan that the collection keeps, if it keeps one."""
    kept = library.kept_plan(rerankers)
    if kept is not None:
        changed = kept.model_copy(update={"calibration": fitted})
        library.collections.note_plan(library.generation, changed.model_dump(mode="json"))


def _check(asked: list[AskedQuestion]) -> None:
    """Raises BadInput where there is too little to go by."""
    if len(asked) < LEAST_QUESTIONS:
        raise BadInput(
            f"There are {len(asked)} questions with known answers; {LEAST_QUESTIONS} are needed.",
            remedy=_REMEDY,
        )
    if len({question.document_id for question in asked}) < 2:
        raise BadInput(
            "All questions are about one document, so none can be asked where no page answers it.",
            remedy=_REMEDY,
        )


def _hybrid(searcher: Searcher) -> ModeCalibration | None:
    """What tells how sure default searches are."""
    if searcher.tuned is not None:
        return searcher.tuned.fitted
    return None if searcher.calibration is None else searcher.calibration.modes.get(SearchMode.HYBRID)


def _told(each: Quality | None) -> dict[str, float] | None:
    return None if each is None else {name: round(value, 4) for name, value in asdict(each).items()}


def _print(name: str, before: Quality | None, after: Quality, count: int) -> None:
    error, auroc = ("unknown", "unknown")
    if before is not None:
        error, auroc = f"{before.confidence_error:.3f}", f"{before.answerable_auroc:.3f}"
    typer.echo(f"Calibrated collection {name} on {count} questions. On documents it was not fitted to,")
    typer.echo(
        f"  confidence of the ten best pages is off by {after.confidence_error:.3f} (before: {error});"
    )
    typer.echo("  answerable is higher for a question with an answer than for one without")
    typer.echo(f"  in {after.answerable_auroc:.3f} of pairs (before: {auroc}).")

"""Whether `confidence` and `answerable` mean what they say.

python -m benchmarks.confidence FOLDER [--cache DIR] [--first-embedder]

FOLDER is one that `vdr evaluate` takes, none that the shipped calibration was fitted to. Each question is
asked of all documents and of its own, where it can be answered, and of all others and of one of them, where
it cannot. `doubted` is the share of those with and without an answer that a person is told have none.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from training.confidence.fit import answerable_cases
from training.confidence.folders import made_with, open_folder
from training.confidence.observe import Observation, Scope
from training.confidence.quality import quality
from training.evaluate.corpus import DEFAULT_CACHE
from training.evaluate.run import Task
from vdr.models.embedder import load_embedder
from vdr.search.calibration import UNLIKELY, Calibration, ModeCalibration, calibration_for
from vdr.settings import Settings

_SCOPES = {"corpus": (Scope.EVERYWHERE, Scope.WITHOUT), "within": (Scope.WITHIN, Scope.ELSEWHERE)}


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
    documents: Annotated[int | None, typer.Option(min=2, help="Use only the first N PDFs.")] = None,
    first_embedder: Annotated[bool, typer.Option(help="Search by the first embedder alone.")] = False,
) -> None:
    """Measure by mode and scope, and print one line of JSON."""
    settings = Settings()
    embedder = load_embedder(settings.model)
    calibration = calibration_for(made_with(embedder, by_first=first_embedder), None)
    assert calibration is not None
    task = Task(folder, cache, first_documents=documents)
    with open_folder(task, settings, embedder, lambda line: typer.echo(line, err=True)) as asked:
        observed = asked.observed(by_first=first_embedder)
        told = {
            mode: _measured(calibration, [o for o in observed if o.mode is mode])
            for mode in calibration.modes
        }
        typer.echo(json.dumps({"questions": len(asked.asked), **told}))


def _measured(calibration: Calibration, observed: list[Observation]) -> dict[str, dict[str, float]]:
    by_scope = {name: [each for each in observed if each.scope in scopes] for name, scopes in _SCOPES.items()}
    fitted = calibration.modes[observed[0].mode]
    return {
        name: {
            **{key: round(value, 3) for key, value in asdict(quality(fitted, each)).items()},
            "doubted_with_answer": _doubted(fitted, [o for o in each if o.scope.has_answers]),
            "doubted_without": _doubted(fitted, [o for o in each if not o.scope.has_answers]),
        }
        for name, each in {**by_scope, "all": observed}.items()
    }


def _doubted(fitted: ModeCalibration, observed: list[Observation]) -> float:
    below = fitted.answerable.chances(answerable_cases(observed).signs) < UNLIKELY
    return round(float(below.mean()), 3)


if __name__ == "__main__":
    typer.run(main)

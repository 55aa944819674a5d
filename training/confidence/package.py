"""Makes the calibrations that are shipped: of the default models, on questions that people asked.

python -m training.confidence.package FOLDER... [--out FILE]

Each FOLDER is one that `vdr evaluate` takes, or has pdfs/ alone: then phrases of the documents are asked. All
are asked once more with half of their words. The first of the default embedders is calibrated alone as well,
for indexes that are built by it alone.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from training.confidence.fit import calibrate
from training.confidence.folders import made_with, open_folder
from training.confidence.observe import Observation
from training.confidence.quality import held_out
from training.evaluate.corpus import DEFAULT_CACHE
from training.evaluate.run import Task
from vdr.files import check_writable, write_whole
from vdr.models.embedder import load_embedder
from vdr.search.calibration import Calibration
from vdr.settings import Settings

_OUT = Path("vdr/search/calibrations.json")
_MOST = 600  # questions of a folder
_DIGITS = 5


def main(
    folders: Annotated[
        list[Path], typer.Argument(metavar="FOLDER...", help="Folders with pdfs/ and queries.jsonl.")
    ],
    out: Annotated[Path, typer.Option(help="File to write.")] = _OUT,
    cache: Annotated[Path, typer.Option(help="Where indexed documents are kept.")] = DEFAULT_CACHE,
) -> None:
    """Fit, write the file, and print how well held-out documents are told, mode by mode."""
    check_writable(out)
    settings = Settings()
    embedder = load_embedder(settings.model)
    observed: dict[bool, list[Observation]] = {False: [], True: []}
    for folder in folders:
        opened = open_folder(Task(folder, cache), settings, embedder, typer.echo, most=_MOST, shortened=True)
        with opened as asked:
            for by_first in observed:
                observed[by_first] += asked.observed(by_first=by_first)
    made = [calibrate(each, made_with(embedder, by_first=by_first)) for by_first, each in observed.items()]
    write_whole(out, json.dumps([_told(each) for each in made], indent=1) + "\n")
    for by_first, each in observed.items():
        _print(made_with(embedder, by_first=by_first).embedder, each)


def _told(calibration: Calibration) -> object:
    told = calibration.model_dump(mode="json")
    return json.loads(json.dumps(told), parse_float=lambda number: round(float(number), _DIGITS))


def _print(name: str, observed: list[Observation]) -> None:
    for mode in dict.fromkeys(each.mode for each in observed):
        typer.echo(f"{name} {mode}: {held_out([each for each in observed if each.mode is mode])}")


if __name__ == "__main__":
    typer.run(main)

"""Puts a report together: facts, pictures and speed, in one file that needs no other."""

import base64
import json
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment

from training.evaluate.files import check_writable, write_whole
from training.fit.data import Pages
from training.fit.run_folder import RunFolder
from training.pairs.dataset import PairsDataset, read_pairs
from training.pairs.show import thumbnail
from training.report.chart import quality_by_bytes
from training.report.facts import Answer, Facts, pages_shown, read_facts
from training.report.speed import PAGES, Speed, measure
from vdr.errors import BadInput

_FAILURES, _LOSSES, _GAINS = 24, 6, 6


def write_report(run: Path, out: Path, pairs: Path | None = None) -> Path:
    """Write the report of a finished run, whole or not at all, and return where it is.

    Raises BadInput for a folder that is no finished run, pairs that are not where they were, and a place that
    cannot be written.
    """
    folder = RunFolder(run)
    facts = read_facts(folder)
    check_writable(out)
    dataset = _pairs_of(folder, pairs)
    write_whole(out, _render(folder, facts, dataset))
    return out


def _pairs_of(folder: RunFolder, moved: Path | None) -> PairsDataset:
    told = Path(json.loads((folder.root / "config.json").read_text())["data"]["pairs"])
    try:
        return read_pairs(moved or told)
    except BadInput as error:
        raise BadInput(
            f"The pairs of {folder.root} are not in {moved or told}.", remedy="Say where with --pairs."
        ) from error


def _render(folder: RunFolder, facts: Facts, dataset: PairsDataset) -> str:
    groups = {
        "Not found first, the worst first": facts.failures(_FAILURES),
        "Made worse by training": facts.losses(_LOSSES),
        "Made better by training": facts.gains(_GAINS),
    }
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        (files("training.report") / "report.html.j2").read_text(encoding="utf-8")
    )
    return template.render(
        name=folder.root.absolute().name,
        run=folder.root,
        facts=facts,
        groups=groups,
        pictures=_pictures([each for group in groups.values() for each in group], dataset),
        chart=quality_by_bytes(facts.dimensions) if facts.dimensions else "",
        curves=_data_uri(folder.curves),
        speed=_speed(folder, facts, dataset),
    )


def _pictures(answers: list[Answer], dataset: PairsDataset) -> dict[str, str]:
    pages = Pages(dataset.pages)
    return {page_id: thumbnail(pages.image(page_id)) for page_id in sorted(pages_shown(answers))}


def _speed(folder: RunFolder, facts: Facts, dataset: PairsDataset) -> Speed | None:
    if facts.result["kind"] != "embedder":
        return None
    shown = Pages(dataset.pages).images(dataset.pages[:PAGES]["page_id"])
    return measure(folder.model, [each.query for each in facts.answers], shown)


def _data_uri(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"

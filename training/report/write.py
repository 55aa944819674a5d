"""Puts a report together: facts, pictures and speed, in one file that needs no other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from training.evaluate.bootstrap import RESAMPLES
from training.fit.run_folder import RunFolder
from training.pairs.dataset import PairsDataset
from training.report import wording
from training.report.answers import Group, Outcome, groups, read_answers
from training.report.chart import quality_by_bytes
from training.report.facts import EMBEDDER, Facts, read_facts
from training.report.pictures import open_pairs, png_uri, some_pages, some_words, thumbnails
from training.report.serving import Usage, how_to_use
from training.report.speed import PAGES, Speed, measure
from vdr.files import check_writable, write_whole


@dataclass(frozen=True, slots=True)
class Report:
    """All that is on the page."""

    name: str
    facts: Facts
    counts: Counter[str]
    groups: tuple[Group, ...]
    thumbnails: dict[str, str]
    chart: str
    curves: str
    speed: Speed | None
    usage: Usage


def write_report(run: Path, out: Path, pairs: Path | None = None) -> Path:
    """Write the report of a finished run, whole or not at all, and return where it is.

    Raises BadInput for a folder that is not a finished run, pairs that are not where they were, and a place
    that cannot be written; ModelError where an embedder cannot be loaded to measure its speed.
    """
    folder = RunFolder(run)
    facts = read_facts(folder)
    check_writable(out)
    write_whole(out, render(_gathered(folder, facts, open_pairs(folder, pairs))))
    return out


def render(report: Report) -> str:
    """The page of HTML."""
    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"percent": wording.percent, "signed": wording.signed}
    source = (files("training.report") / "report.html.j2").read_text(encoding="utf-8")
    return environment.from_string(source).render(report=report, wording=wording, resamples=RESAMPLES)


def _gathered(folder: RunFolder, facts: Facts, pairs: PairsDataset) -> Report:
    answers = read_answers(folder)
    shown = tuple(groups(answers))
    kind = facts.result.kind
    return Report(
        name=folder.root.absolute().name,
        facts=facts,
        counts=_counts(answers),
        groups=shown,
        thumbnails=thumbnails(_page_ids(shown), pairs),
        chart=quality_by_bytes(facts.dimensions) if facts.dimensions else "",
        curves=png_uri(folder.curves),
        speed=_speed(folder, answers, pairs) if kind == EMBEDDER else None,
        usage=how_to_use(folder, kind),
    )


def _counts(answers: Sequence[Outcome]) -> Counter[str]:
    """How many questions became better, became worse, stayed the same, and have a right page first."""
    counts = Counter(
        "same" if a.after == a.before else "better" if a.after > a.before else "worse" for a in answers
    )
    counts["first"] = sum(answer.is_first for answer in answers)
    return counts


def _page_ids(shown: Sequence[Group]) -> list[str]:
    return [each.page_id for group in shown for answer in group.shown for each in answer.figures()]


def _speed(folder: RunFolder, answers: Sequence[Outcome], pairs: PairsDataset) -> Speed:
    queries = [answer.query for answer in answers]
    return measure(folder.model, queries, some_pages(pairs, PAGES), some_words(pairs, PAGES))

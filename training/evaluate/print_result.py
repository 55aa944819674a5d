"""The evaluation as tables for people, narrow enough for a terminal of 100 columns."""

from collections.abc import Iterator, Mapping

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from training.evaluate.bootstrap import RESAMPLES, Difference, Estimate
from training.evaluate.result import NOTHING_TO_SEARCH, Evaluation
from training.evaluate.scores import METRICS, NDCG, Group, Scores
from training.evaluate.systems import BASELINE, Scope
from vdr.settings import OcrMode

_TITLES = {Scope.WITHIN: "within the question's document", Scope.CORPUS: "over the whole corpus"}


def print_result(evaluation: Evaluation, console: Console) -> None:
    """Print scores, scores by kind of evidence and by source, what the systems are, and costs."""
    for part in _parts(evaluation):
        console.print(part)


def _parts(evaluation: Evaluation) -> Iterator[RenderableType]:
    for scope in Scope:
        yield _scores_table(evaluation, scope)
    if evaluation.against_earlier:
        yield _earlier_table(evaluation)
    for what, groups in (("evidence", evaluation.by_evidence), ("source", evaluation.by_source)):
        if groups:
            yield from (_groups_table(evaluation, what, groups, scope) for scope in Scope)
    yield _legend(evaluation.meanings)
    yield Text("\n".join(_figures(evaluation)))


def _scores_table(evaluation: Evaluation, scope: Scope) -> Table:
    conditions = evaluation.conditions
    title = f"{conditions.questions:,} questions, {conditions.pages:,} pages, {_TITLES[scope]}"
    table = Table(title=title, title_justify="left")
    table.add_column("system")
    for metric in METRICS:
        table.add_column(metric, justify="right")
        if metric == NDCG:
            table.add_column("95 %", justify="right")
    table.add_column(f"- {BASELINE}", justify="right")
    table.add_column("95 %", justify="right")
    table.add_column("share > 0", justify="right")
    for name in evaluation.meanings:
        scores = evaluation.scores[name, scope]
        table.add_row(name, *(_cells(scores) if scores else [NOTHING_TO_SEARCH]))
    return table


def _cells(scores: Scores) -> Iterator[str]:
    for name, estimate in scores.metrics.items():
        yield f"{estimate.mean:.3f}"
        if name == NDCG:
            yield _interval(estimate, "")
    yield from _gain_cells(scores.against_baseline)


def _earlier_table(evaluation: Evaluation) -> Table:
    table = Table(title=f"{NDCG}, against the earlier evaluation", title_justify="left")
    table.add_column("system")
    for scope in Scope:
        table.add_column(scope, justify="right")
        table.add_column("95 %", justify="right")
        table.add_column("share > 0", justify="right")
    for name in evaluation.meanings:
        gains = [evaluation.against_earlier.get((name, scope)) for scope in Scope]
        if any(gains):
            table.add_row(name, *(cell for gain in gains for cell in _gain_cells(gain)))
    return table


def _gain_cells(gain: Difference | None) -> Iterator[str]:
    if gain is None:
        yield from ("", "", "")
        return
    yield f"{gain.estimate.mean:+.3f}"
    yield _interval(gain.estimate, "+")
    yield f"{gain.share_above_zero:.3f}"


def _interval(estimate: Estimate, sign: str) -> str:
    return f"{estimate.low:{sign}.3f} {estimate.high:{sign}.3f}"


def _groups_table(evaluation: Evaluation, what: str, groups: Mapping[str, Group], scope: Scope) -> Table:
    table = Table(title=f"{NDCG} by {what}, {_TITLES[scope]}", title_justify="left")
    table.add_column("system")
    for name, group in groups.items():
        table.add_column(Text(f"{name} ({group.questions})"), justify="right")
    for system in evaluation.meanings:
        found = [group.scores[system, scope] for group in groups.values()]
        table.add_row(system, *(f"{each.metrics[NDCG].mean:.3f}" if each else "" for each in found))
    return table


def _legend(meanings: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    for name, meaning in meanings.items():
        table.add_row(name, Text(meaning))
    return table


def _figures(evaluation: Evaluation) -> Iterator[str]:
    costs, total = evaluation.costs, evaluation.costs.query_ms["total"]
    yield ""
    yield f"Intervals: 95 % of {RESAMPLES:,} bootstrap resamples of the questions; differences are paired."
    if not evaluation.conditions.text_layer:
        yield "Text layers were ignored."
    if evaluation.conditions.ocr != OcrMode.OFF:
        yield f"OCR completed the text of pages: VDR_OCR={evaluation.conditions.ocr}."
    if costs.pages_per_s is not None:
        yield f"Indexing: {costs.pages_per_s:.2f} pages/s"
    yield f"Search (hybrid, reranked, whole corpus): p50 {total.p50:.1f} ms, p95 {total.p95:.1f} ms"
    kib, image_kib = costs.bytes_per_page / 1024, costs.image_bytes_per_page / 1024
    yield f"On disk: {kib:.1f} KiB per page for the index, {image_kib:.1f} KiB for the page image"
    yield f"Model: {evaluation.conditions.model}, fingerprint {evaluation.conditions.fingerprint[:12]}"
    if evaluation.conditions.reranker is not None:
        yield f"Reranked by: {evaluation.conditions.reranker}"

"""The result of an evaluation as a value, and as the JSON that other programs read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from training.evaluate.bootstrap import RESAMPLES, SEED, Difference
from training.evaluate.documents import Documents
from training.evaluate.earlier import Differences
from training.evaluate.latency import Latency
from training.evaluate.scores import NDCG, Group, Run, Scores, ScoreTable
from training.evaluate.systems import BASELINE, Scope

_DECIMALS = 4
NOTHING_TO_SEARCH = "nothing to search"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was evaluated, and how: all that has to be the same for two results to be compared."""

    model: str
    reranker: str | None
    fingerprint: str
    dims: int
    text_layer: bool
    ocr: str
    candidates: int
    rerank_candidates: int
    documents: int
    pages: int
    questions: int


@dataclass(frozen=True, slots=True)
class Costs:
    """What it takes: speed and room. `pages_per_s` is None if the indexing was never seen whole.

    `bytes_per_page` are those of vectors and payload on disk, `image_bytes_per_page` of the page images.
    """

    pages_per_s: float | None
    query_ms: Mapping[str, Latency]  # by part of the search, and "total"
    bytes_per_page: float
    image_bytes_per_page: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that an evaluation found out; `meanings` explains the systems, in order."""

    conditions: Conditions
    costs: Costs
    meanings: Mapping[str, str]
    scores: ScoreTable
    by_evidence: Mapping[str, Group]
    by_source: Mapping[str, Group]
    against_earlier: Differences = field(default_factory=dict)


def to_json(evaluation: Evaluation) -> str:
    """The evaluation as a JSON object; docs/evaluation.md explains its fields."""
    systems = _systems(evaluation.scores, evaluation.meanings)
    for (name, scope), gain in evaluation.against_earlier.items():
        systems[name].setdefault("against_earlier", {})[scope] = _difference(gain)
    content = {
        **asdict(evaluation.conditions),
        **_costs(evaluation.costs),
        "resamples": RESAMPLES,
        "seed": SEED,
        "systems": systems,
        "by_evidence": _groups(evaluation.by_evidence, evaluation.meanings),
        "by_source": _groups(evaluation.by_source, evaluation.meanings),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def details(runs: Sequence[Run], documents: Documents) -> Iterator[str]:
    """A line of JSON for every question and run: what was expected and what came."""
    names = {document.document_id: name for name, document in documents.by_name.items()}
    for run in runs:
        for answer in run.answers or ():
            line = {
                "query_id": answer.question.query_id,
                "query": answer.question.text,
                "system": run.system,
                "scope": run.scope,
                "document": answer.question.document,
                "expected": list(answer.question.page_numbers),
                "top": [[names[page.document_id], page.page_number] for page in answer.ranking],
            }
            yield json.dumps(line, ensure_ascii=False) + "\n"


def _costs(costs: Costs) -> dict[str, Any]:
    total = costs.query_ms["total"]
    parts = {name: _latency(part) for name, part in costs.query_ms.items() if name != "total"}
    return {
        "pages_per_s": None if costs.pages_per_s is None else round(costs.pages_per_s, _DECIMALS),
        "query_ms": {**_latency(total), "parts": parts},
        "bytes_per_page": round(costs.bytes_per_page),
        "image_bytes_per_page": round(costs.image_bytes_per_page),
    }


def _latency(latency: Latency) -> dict[str, float]:
    return {"p50": round(latency.p50, 2), "p95": round(latency.p95, 2)}


def _groups(groups: Mapping[str, Group], meanings: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: {"questions": group.questions, "systems": _systems(group.scores, meanings)}
        for name, group in groups.items()
    }


def _systems(scores: ScoreTable, meanings: Mapping[str, str]) -> dict[str, Any]:
    return {name: _system(name, scores) for name in meanings}


def _system(name: str, scores: ScoreTable) -> dict[str, Any]:
    found = {scope: scores[name, scope] for scope in Scope}
    system: dict[str, Any] = {scope: each and _metrics(each) for scope, each in found.items()}
    if not all(found.values()):
        return {**system, "note": NOTHING_TO_SEARCH}
    gains = {scope: each and _difference(each.against_baseline) for scope, each in found.items()}
    return system if name == BASELINE else {**system, f"against_{BASELINE}": gains}


def _metrics(scores: Scores) -> dict[str, float | list[float]]:
    metrics: dict[str, float | list[float]] = {}
    for name, estimate in scores.metrics.items():
        metrics[name] = round(estimate.mean, _DECIMALS)
        metrics[f"{name}_interval"] = [round(estimate.low, _DECIMALS), round(estimate.high, _DECIMALS)]
    return metrics


def _difference(difference: Difference | None) -> dict[str, float | list[float]] | None:
    if difference is None:
        return None
    gain = difference.estimate
    return {
        NDCG: round(gain.mean, _DECIMALS),
        f"{NDCG}_interval": [round(gain.low, _DECIMALS), round(gain.high, _DECIMALS)],
        "share_above_zero": round(difference.share_above_zero, _DECIMALS),
    }

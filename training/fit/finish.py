"""Ends a run: writes the served model, the curves, the card and, last, the result."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.fit.card import write_card
from training.fit.config import RunConfig
from training.fit.curves import draw_curves, read_metrics
from training.fit.data import Questions, TrainingData
from training.fit.model import save_served, trained_parameters
from training.fit.ranking import Quality
from training.fit.result import Kept, RunResult, ScopeGains, ScopeScores
from training.fit.run_folder import RunFolder
from vdr.files import write_whole


@dataclass(frozen=True)
class Findings:
    """What was measured: each system's quality, gains, and every answer before and after."""

    kind: str
    systems: Mapping[str, ScopeScores]
    gain: Mapping[str, ScopeGains]
    base: Quality
    tuned: Quality
    kept: Kept | None = None


def finish(
    config: RunConfig,
    folder: RunFolder,
    trainer: Any,  # noqa: ANN401 - one of three trainers of Sentence Transformers
    data: TrainingData,
    seconds: float,
    findings: Findings,
    served: Any = None,  # noqa: ANN401 - one of three kinds of model
) -> RunResult:
    """The result of a run, written with all that goes with it; `served` is the trained model by default."""
    learning, parameters = trained_parameters(trainer.model)
    draw_curves(read_metrics(folder.metrics), folder.curves)
    save_served(trainer.model if served is None else served, folder.model, folder.adapter)
    result = RunResult(
        kind=findings.kind,
        base=config.model.base,
        rows=len(data.rows),
        questions=len(data.questions.queries),
        pages=len(data.questions.page_ids),
        steps=trainer.state.global_step,
        best_step=trainer.state.best_global_step,
        seconds=round(seconds, 1),
        learning_parameters=learning,
        parameters=parameters,
        systems=findings.systems,
        gain=findings.gain,
        kept=findings.kept,
    )
    write_card(folder, config, result)
    write_whole(
        folder.answers, "".join(json.dumps(line) + "\n" for line in _answers(data.questions, findings))
    )
    write_whole(folder.result, result.to_json())
    return result


def _answers(questions: Questions, findings: Findings) -> Iterator[dict[str, Any]]:
    """For each question what was expected, and what was found before and after."""
    for place, (query_id, query) in enumerate(questions.queries.items()):
        expected = sorted(questions.relevant[query_id])
        line: dict[str, Any] = {"query_id": query_id, "query": query, "expected": expected}
        for name, each in (("base", findings.base), ("tuned", findings.tuned)):
            line[name] = {"ndcg@10": round(each.corpus[place], 4), "found": each.found[place]}
        yield line


def measured_once(file: Path, measure: Callable[[], Mapping[str, Quality]]) -> dict[str, Quality]:
    """What `measure` finds, or found when the file was written: a resumed run has another model by then."""
    if not file.exists():
        write_whole(file, json.dumps({name: vars(found) for name, found in measure().items()}))
    return {name: Quality(**told) for name, told in json.loads(file.read_text()).items()}

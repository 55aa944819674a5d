"""Ends a run: writes the served model, the curves, the card and, last, the result."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from training.fit.card import write_card
from training.fit.config import RunConfig
from training.fit.curves import draw_curves, read_metrics
from training.fit.data import EvalQuestions
from training.fit.model import save_served, trained_parameters
from training.fit.ranking import Quality
from training.fit.result import Kept, RunResult, ScopeGains, ScopeScores
from training.fit.run import Run
from training.fit.views import reads_words
from vdr.files import write_whole


@dataclass(frozen=True)
class Comparison:
    """What training changed: each system's quality, gains, and every answer of the base and after.

    The first gain is the one of `tuned` over `base`.
    """

    systems: Mapping[str, ScopeScores]
    gain: Mapping[str, ScopeGains]
    base: Quality
    tuned: Quality
    kept: Kept | None = None


def finish(
    kind: str,
    run: Run[RunConfig],
    trainer: Any,  # noqa: ANN401 - one of three trainers of Sentence Transformers
    served: Any,  # noqa: ANN401 - one of three kinds of model
    seconds: float,
    found: Comparison,
    beside: Mapping[str, str],
) -> RunResult:
    """The result of a run, written with all that goes with it; `beside` are files of the model, by name."""
    learning, parameters = trained_parameters(trainer.model)
    folder, questions = run.folder, run.data.questions
    draw_curves(read_metrics(folder.metrics), folder.curves)
    save_served(served, folder.model, folder.adapter, beside)
    result = RunResult(
        kind=kind,
        base=run.config.model.base,
        rows=len(run.data.rows),
        questions=len(questions.queries),
        pages=len(questions.page_ids),
        steps=trainer.state.global_step,
        best_step=trainer.state.best_global_step,
        seconds=round(seconds, 1),
        learning_parameters=learning,
        parameters=parameters,
        systems=found.systems,
        gain=found.gain,
        kept=found.kept,
        reads_words=reads_words(trainer.model),
    )
    write_card(folder, run.config, result)
    write_whole(folder.answers, "".join(json.dumps(line) + "\n" for line in _answers(questions, found)))
    write_whole(folder.result, result.to_json())
    return result


def _answers(questions: EvalQuestions, found: Comparison) -> Iterator[dict[str, Any]]:
    """For each question what was expected, and what was found before and after."""
    for place, (query_id, query) in enumerate(questions.queries.items()):
        expected = sorted(questions.relevant[query_id])
        line: dict[str, Any] = {"query_id": query_id, "query": query, "expected": expected}
        for name, each in (("base", found.base), ("tuned", found.tuned)):
            line[name] = {"ndcg@10": round(each.corpus[place], 4), "found": each.found[place]}
        yield line

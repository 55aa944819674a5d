"""Compares an evaluation with an earlier one, question by question, from the details file that it left."""

import json
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from training.evaluate.bootstrap import Difference, difference
from training.evaluate.scores import METRICS, NDCG, Run
from training.evaluate.systems import Scope
from vdr.errors import BadInput
from vdr.types import PageRef

Differences = Mapping[tuple[str, Scope], Difference]  # by system and scope
Earlier = Mapping[tuple[str, Scope], Mapping[str, float]]  # nDCG@10 by question, of each system and scope
_REMEDY = "Use a file that vdr evaluate --details wrote for the same questions."


def read_earlier(file: Path, query_ids: Set[str]) -> Earlier:
    """What a details file tells. Raises BadInput where it is none, or is about other questions."""
    values: dict[tuple[str, Scope], dict[str, float]] = {}
    try:
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                relevant = frozenset(PageRef(told["document"], number) for number in told["expected"])
                ranking = [PageRef(document, number) for document, number in told["top"]]
                key = told["system"], Scope(told["scope"])
                values.setdefault(key, {})[told["query_id"]] = METRICS[NDCG](ranking, relevant)
    except OSError as error:
        raise BadInput(f"Cannot read {file}: {error.strerror}.", remedy=_REMEDY) from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} was not written by vdr evaluate --details.", remedy=_REMEDY) from error
    if any(asked.keys() != query_ids for asked in values.values()) or not values:
        raise BadInput(f"{file} covers other questions.", remedy=_REMEDY)
    return values


def differences(runs: Sequence[Run], earlier: Earlier) -> Differences:
    """What each system gained in nDCG@10 over the one of its name; those without one are left out."""
    found = {}
    for run in runs:
        before = earlier.get((run.system, run.scope))
        if before is None or run.answers is None:
            continue
        after = [METRICS[NDCG](answer.ranking, answer.relevant) for answer in run.answers]
        found[run.system, run.scope] = difference(
            after, [before[answer.question.query_id] for answer in run.answers]
        )
    return found

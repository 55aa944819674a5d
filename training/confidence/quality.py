"""How well confidence tells: on documents that it was not fitted to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from training.confidence.fit import Cases, answerable_cases, fit, hit_cases
from training.confidence.observe import Observation
from training.evaluate.reliability import Judged, calibration_error
from vdr.search.calibration import Logistic, ModeCalibration

_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Quality:
    """Of the ten best pages of searches: the expected calibration error of `confidence`, from 0 to 1, and of
    the first page alone; of `answerable` the same, and the area under its ROC curve: the chance that it is
    higher for a question that can be answered than for one that cannot."""

    searches: int
    confidence_error: float
    first_error: float
    answerable_error: float
    answerable_auroc: float


def quality(calibration: ModeCalibration, observed: Sequence[Observation]) -> Quality:
    """How well a calibration tells what was observed, every search counting alike."""
    return _quality([(calibration, observed)])


def held_out(observed: Sequence[Observation]) -> Quality:
    """How well calibrations tell documents that they were not fitted to: in five parts, each by the others.

    Raises ValueError where there are fewer than two documents.
    """
    documents = np.array([each.document_id for each in observed])
    folds = GroupKFold(min(_FOLDS, len(set(documents))))
    parts = folds.split(documents, groups=documents)
    return _quality(
        [(fit([observed[i] for i in others]), [observed[i] for i in own]) for others, own in parts]
    )


def _quality(judged: Sequence[tuple[ModeCalibration, Sequence[Observation]]]) -> Quality:
    hits = _joined(_judged(each.hit, hit_cases(observed)) for each, observed in judged)
    firsts = _joined(_judged(each.hit, _first_cases(observed)) for each, observed in judged)
    answerable = _joined(_judged(each.answerable, answerable_cases(observed)) for each, observed in judged)
    return Quality(
        searches=len(answerable.right),
        confidence_error=calibration_error(hits),
        first_error=calibration_error(firsts),
        answerable_error=calibration_error(answerable),
        answerable_auroc=float(roc_auc_score(answerable.right, answerable.confidence)),
    )


def _first_cases(observed: Sequence[Observation]) -> Cases:
    cases = answerable_cases(observed)
    return cases._replace(is_so=np.array([each.answers[0] for each in observed]))


def _judged(fitted: Logistic, cases: Cases) -> Judged:
    return Judged(fitted.chances(cases.signs), cases.is_so.astype(np.float64))


def _joined(each: Iterator[Judged]) -> Judged:
    told = list(each)
    return Judged(*(np.concatenate(column) for column in zip(*told, strict=True)))

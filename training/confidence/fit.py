"""What signs are worth: logistic models, fitted to what searches have shown of questions."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from training.confidence.observe import Floats, Observation
from vdr.errors import BadInput
from vdr.search.calibration import Calibration, Logistic, MadeWith, ModeCalibration
from vdr.search.signs import SIGNS

_SHOWN = 10  # pages of a search, which its confidence has to be right of
# Of the weights, for each search: they have to hold for questions of other kinds, however many were seen.
_PENALTY = 0.01


class Cases(NamedTuple):
    """What to tell apart: signs (n, signs), and whether it is so (n,)."""

    signs: Floats
    is_so: npt.NDArray[np.bool_]


def calibrate(observed: Sequence[Observation], made_with: MadeWith) -> Calibration:
    """The calibration of every mode that was observed. Raises BadInput as `fit`."""
    modes = dict.fromkeys(each.mode for each in observed)
    fitted = {mode: fit([each for each in observed if each.mode is mode]) for mode in modes}
    return Calibration(made_with=made_with, modes=fitted)


def fit(observed: Sequence[Observation]) -> ModeCalibration:
    """The calibration of one mode. Raises BadInput where no page that is shown answers, or every one does."""
    penalty = _PENALTY * len(observed)
    return ModeCalibration(
        hit=_fitted(hit_cases(observed), penalty), answerable=_fitted(answerable_cases(observed), penalty)
    )


def hit_cases(observed: Sequence[Observation]) -> Cases:
    """The pages that are shown, and whether they answer."""
    return Cases(
        np.concatenate([each.signs[:_SHOWN] for each in observed]),
        np.concatenate([each.answers[:_SHOWN] for each in observed]),
    )


def answerable_cases(observed: Sequence[Observation]) -> Cases:
    """The best pages of searches, and whether any page that was searched answers."""
    return Cases(
        np.stack([each.signs[0] for each in observed]),
        np.array([each.scope.has_answers for each in observed]),
    )


def _fitted(cases: Cases, penalty: float) -> Logistic:
    """The weights for signs as they are: scaled for fitting alone.

    Raises BadInput where all cases are alike.
    """
    if len(set(cases.is_so.tolist())) < 2:
        raise BadInput(
            "The questions tell too little: all of them look alike to a search.",
            remedy="Label more questions, about more documents.",
        )
    scaler = StandardScaler().fit(cases.signs)
    model = LogisticRegression(C=1 / penalty, max_iter=1_000)
    model.fit(scaler.transform(cases.signs), cases.is_so)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - weights @ scaler.mean_)
    return Logistic(bias=bias, weights=dict(zip(SIGNS, map(float, weights), strict=True)))

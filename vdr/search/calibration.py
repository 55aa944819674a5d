"""What the signs of a search are worth, fitted to questions with known answers."""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vdr.faults import first_fault
from vdr.search.signs import SIGNS
from vdr.types import SearchMode

# A chance of an answer below which a person is told that there seems to be none: hardly one question in a
# hundred that had an answer was below it, of those that the shipped calibrations were fitted to.
UNLIKELY = 0.1
_SHIPPED = "calibrations.json"
_LARGEST = 30.0  # exponent, beyond which a chance is 0 or 1
_Number = Annotated[float, Field(allow_inf_nan=False)]
_LOG = logging.getLogger(__name__)


class Logistic(BaseModel):
    """The chance that something is so: 1 / (1 + exp(-(bias + weights . signs)))."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bias: _Number
    weights: dict[str, _Number]

    @model_validator(mode="after")
    def _weighs_the_signs(self) -> Self:
        if set(self.weights) != set(SIGNS):
            raise ValueError("it weighs other signs than searches have")
        return self

    def chances(self, signs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Of each row of signs, from 0 to 1."""
        weighed = signs @ np.array([self.weights[sign] for sign in SIGNS]) + self.bias
        chances: npt.NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(weighed, -_LARGEST, _LARGEST)))
        return chances


class ModeCalibration(BaseModel):
    """The chance that a page answers, by its signs, and that any page does, by those of the first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hit: Logistic
    answerable: Logistic


class MadeWith(BaseModel):
    """What answered the searches that a calibration was fitted to: names of models, dimensions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedder: str
    dims: int
    rerankers: tuple[str, ...] = ()


class Calibration(BaseModel):
    """The calibrations of each mode of search, and the models that they are good for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    made_with: MadeWith
    modes: dict[SearchMode, ModeCalibration]


def calibration_for(models: MadeWith, own: Mapping[str, object] | None) -> Calibration | None:
    """A collection's own calibration, if it was made with these models, else the one shipped for them.

    None where there is neither: nobody knows how sure a search is. One of another version, which knew other
    signs, is passed over with a warning.
    """
    if own is not None:
        try:
            calibration = Calibration.model_validate(own)
        except ValidationError as error:
            _LOG.warning("Run vdr calibrate again, for the calibration is of no use: %s.", first_fault(error))
        else:
            if calibration.made_with == models:
                return calibration
    return next((each for each in shipped_calibrations() if each.made_with == models), None)


@cache
def shipped_calibrations() -> Sequence[Calibration]:
    """Those that come with the default models."""
    told: Iterable[object] = json.loads(files("vdr.search").joinpath(_SHIPPED).read_text("utf-8"))
    return tuple(map(Calibration.model_validate, told))

"""The plan that a collection keeps for its default searches, as `vdr tune` has chosen it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from vdr.faults import first_fault
from vdr.models.reranker import LoadedStep
from vdr.rerank_chain import LATE_INTERACTION, depths
from vdr.search.calibration import Calibration, MadeWith, ModeCalibration
from vdr.settings import SearchSettings
from vdr.types import Effort, SearchMode, SearchRequest

_Count = Annotated[int, Field(ge=1)]
_LOG = logging.getLogger(__name__)


class KeptStep(BaseModel):
    """A reranker of a plan, by its name, and how many of the best pages it reorders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reranker: str = Field(description="Name of the reranker.", examples=[LATE_INTERACTION])
    depth: _Count = Field(description="How many of the best pages it reorders.", examples=[50])

    def __str__(self) -> str:
        return f"{self.reranker}@{self.depth}"


class PlanShape(BaseModel):
    """What default searches go through: candidates of each first stage, and rerankers, if any.

    `without` names embedders of the generation whose vectors are not compared.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: _Count = Field(description="Candidate pages from each first stage.", examples=[200])
    rerank: tuple[KeptStep, ...] = Field((), description="Rerankers, in order; none: no reranking.")
    without: tuple[str, ...] = Field(
        (), description="Embedders whose vectors are not compared.", examples=[[]]
    )

    @property
    def stages(self) -> tuple[tuple[str, ...], frozenset[str]]:
        """Which rerankers and embedders have a say, however many pages each of them looks at."""
        return tuple(step.reranker for step in self.rerank), frozenset(self.without)

    @model_validator(mode="after")
    def _depths_do_not_grow(self) -> Self:
        if any(later.depth > step.depth for step, later in pairwise(self.rerank)):
            raise ValueError("its depths grow along the chain")
        return self

    def __str__(self) -> str:
        reranked = ", ".join(map(str, self.rerank)) or "no reranking"
        without = "".join(f", without {name}" for name in self.without)
        return f"{self.candidates} candidates, {reranked}{without}"


class KeptPlan(BaseModel):
    """A plan as it is kept, the models that it was chosen with, and on how many questions.

    `calibration` tells how sure searches by it are, where that was fitted to them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: PlanShape
    made_with: MadeWith
    tuned_at: AwareDatetime
    questions: _Count
    calibration: ModeCalibration | None = None

    @model_validator(mode="after")
    def _leaves_an_embedder(self) -> Self:
        if not set(self.shape.without) < {*_embedders(self.made_with)}:
            raise ValueError("it leaves out embedders that are not there, or all of them")
        return self


@dataclass(frozen=True, slots=True)
class Tuned:
    """What default searches go by where a plan is kept, instead of the settings.

    `without` are places of embedders among those of the generation; `fitted` tells how sure such searches
    are (None: nobody knows).
    """

    shape: PlanShape
    settings: SearchSettings
    rerankers: tuple[LoadedStep, ...]
    without: frozenset[int] = frozenset()
    fitted: ModeCalibration | None = None


def is_default(request: SearchRequest) -> bool:
    """Whether a request says nothing of how to search: what a kept plan was chosen on.

    A question in words, in hybrid mode, at balanced effort, reranked or not as the service likes.
    """
    is_of_words = request.text is not None and request.image is None and request.page is None
    says_nothing = request.mode is SearchMode.HYBRID and request.effort is Effort.BALANCED and request.rerank
    return is_of_words and says_nothing


def read_plan(told: Mapping[str, object] | None) -> KeptPlan | None:
    """The plan that a generation keeps, whichever models there are; None without one that is understood."""
    try:
        return None if told is None else KeptPlan.model_validate(told)
    except ValidationError:
        return None


def kept_plan(told: Mapping[str, object] | None, models: MadeWith, collection: str) -> KeptPlan | None:
    """The plan that a collection keeps, if it was chosen with these models.

    One that was not, or that another version has kept, is passed over with a warning, once in a process.
    """
    if told is None:
        return None
    try:
        kept = KeptPlan.model_validate(told)
    except ValidationError as error:
        _warn_once(collection, f"another version of vdr has kept it ({first_fault(error)})")
        return None
    if kept.made_with != models:
        _warn_once(collection, f"it was chosen with {_named(kept.made_with)}, not with {_named(models)}")
        return None
    return kept


def default_shape(
    settings: SearchSettings, rerankers: Sequence[LoadedStep], *, has_regions: bool
) -> PlanShape:
    """What default searches go through by the settings; `has_regions`: late interaction has vectors."""
    chain = rerankers or (LoadedStep(),)
    counts = depths((step.depth for step in chain), settings.rerank_candidates)
    steps = (
        KeptStep(reranker=step.name, depth=count)
        for step, count in zip(chain, counts, strict=True)
        if settings.rerank_candidates and (step.model is not None or has_regions)
    )
    return PlanShape(candidates=settings.candidates, rerank=tuple(steps))


def tuned_by(
    shape: PlanShape,
    models: MadeWith,
    settings: SearchSettings,
    rerankers: Sequence[LoadedStep],
    fitted: ModeCalibration | None = None,
) -> Tuned:
    """What searches of this shape go by, with these `rerankers` at hand.

    Raises KeyError for a shape that names others.
    """
    loaded = {LATE_INTERACTION: LoadedStep()} | {step.name: step for step in rerankers}
    first = shape.rerank[0].depth if shape.rerank else 0
    names = _embedders(models)
    return Tuned(
        shape,
        settings.model_copy(update={"candidates": shape.candidates, "rerank_candidates": first}),
        tuple(LoadedStep(loaded[step.reranker].model, step.depth) for step in shape.rerank),
        frozenset(names.index(name) + 1 for name in shape.without),
        fitted,
    )


def fitted_to(
    kept: KeptPlan, by_settings: PlanShape, calibration: Calibration | None
) -> ModeCalibration | None:
    """How sure searches by a kept plan are: as it was fitted to them, or else to those by the settings.

    What was fitted to the same stages holds, however many pages each looks at; None where there is neither.
    """
    if kept.calibration is not None or calibration is None:
        return kept.calibration
    same = kept.shape.stages == by_settings.stages
    return calibration.modes.get(SearchMode.HYBRID) if same else None


def _embedders(models: MadeWith) -> list[str]:
    return [name.strip() for name in models.embedder.split(",")]


def _named(models: MadeWith) -> str:
    return ", ".join((f"{models.embedder} ({models.dims} dimensions)", *models.rerankers))


@lru_cache(maxsize=256)
def _warn_once(collection: str, reason: str) -> None:
    _LOG.warning("The plan of collection %s is not used: %s. Run vdr tune again.", collection, reason)

"""Keeping a plan with a collection, so that searches by it also tell how sure they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from indexer.library import Library
from training.confidence.asked import AskedQuestion
from training.confidence.fit import fit
from training.confidence.observe import observe
from training.tune.tuning import shape_by_settings
from vdr.errors import BadInput
from vdr.search.calibration import ModeCalibration
from vdr.search.kept import KeptPlan, PlanShape, tuned_by
from vdr.search.searcher import Searcher
from vdr.types import QueryVectors, SearchMode


def keep(
    library: Library,
    searcher: Searcher,
    shape: PlanShape,
    tuned_at: datetime,
    asked: Sequence[AskedQuestion],
    vectors: Sequence[QueryVectors],
) -> KeptPlan:
    """Note a plan that was chosen on these questions with the generation that answers searches.

    Where it goes through other stages than searches by the settings, how sure these are says nothing of it:
    that is fitted to it, on the same questions.
    """
    models = library.made_with(searcher.rerankers)
    kept = KeptPlan(shape=shape, made_with=models, tuned_at=tuned_at, questions=len(asked))
    if shape.stages != shape_by_settings(searcher).stages:
        kept = kept.model_copy(update={"calibration": calibrated(searcher, kept, asked, vectors)})
    library.collections.note_plan(library.generation, kept.model_dump(mode="json"))
    return kept


def calibrated(
    searcher: Searcher, kept: KeptPlan, asked: Sequence[AskedQuestion], vectors: Sequence[QueryVectors]
) -> ModeCalibration | None:
    """How sure searches by a plan are; None where the questions do not tell."""
    if len({question.document_id for question in asked}) < 2:
        return None  # none of them can be asked where no page answers it
    tuned = tuned_by(kept.shape, kept.made_with, searcher.settings, searcher.rerankers)
    observed = list(observe(replace(searcher, tuned=tuned), asked, vectors, [SearchMode.HYBRID]))
    try:
        return fit(observed)
    except BadInput:  # all of them look alike to a search
        return None

"""A collection tuned: every plan tried on its questions, and the one that is recommended."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.library import Library
from training.confidence.asked import AskedQuestion
from training.evaluate.bootstrap import Estimate, estimate
from training.evaluate.latency import Latency
from training.tune.choice import choose, front, gain, halves, is_worse
from training.tune.plans import plans_to_try
from training.tune.sizes import Bytes, Sizes, sizes_of
from training.tune.trials import Track, Trial, try_plans
from vdr.index import VectorIndex
from vdr.index.edge import UNINDEXED_PAGES, EdgeIndex
from vdr.models.several import names_of
from vdr.search.kept import PlanShape, default_shape, tuned_by
from vdr.search.searcher import Searcher
from vdr.settings import SearchSettings
from vdr.types import QueryVectors, SearchMode


@dataclass(frozen=True, slots=True)
class Row:
    """What a plan is worth and costs: nDCG@10, and what it has over the plan that is served."""

    shape: PlanShape
    quality: Estimate
    gain: Estimate
    latency: Latency
    needs: Bytes


@dataclass(frozen=True, slots=True)
class Tuning:
    """All plans that were tried, by what they did on the questions that none was chosen on.

    `served`, `recommended`, `by_settings` and `front` are places of rows. `chosen_on` and `reported_on` are
    numbers of questions; without `is_confirmed` the plan that was chosen on the former is significantly worse
    than that served on the latter, and so is not recommended.
    """

    rows: list[Row]
    served: int
    by_settings: int
    recommended: int
    front: list[int]
    chosen_on: int
    reported_on: int
    is_confirmed: bool
    sizes: Sizes


def tune(
    library: Library,
    index: VectorIndex,
    settings: SearchSettings,
    asked: Sequence[AskedQuestion],
    vectors: Sequence[QueryVectors],
    track: Track = iter,
) -> Tuning:
    """Try every plan on all questions. Raises BadInput as `halves`, and what searching raises."""
    searcher = library.searcher(settings, index, library.query_embedder)
    places = halves(asked)  # before an hour's work
    plans = _plans(library, searcher)
    # Those who tell how sure they are take longer: here all do, by whatever weights.
    sure = None if searcher.calibration is None else searcher.calibration.modes.get(SearchMode.HYBRID)
    models = library.made_with(searcher.rerankers)
    tuned = [tuned_by(shape, models, settings, searcher.rerankers, sure) for shape in plans]
    trials = try_plans(searcher, tuned, asked, vectors, track)
    served = plans.index(served_shape(searcher))
    has_graph = not isinstance(index, EdgeIndex) or index.count() > UNINDEXED_PAGES
    sizes = sizes_of(index, names_of(models.embedder), has_graph=has_graph)
    return tuning(trials, served, sizes, *places)


def tuning(
    trials: Sequence[Trial], served: int, sizes: Sizes, choosing: Sequence[int], reporting: Sequence[int]
) -> Tuning:
    """What trials tell, the first of which goes by the settings: chosen on some questions, told of others."""
    chosen = choose([each.of(choosing) for each in trials], served)
    reported = [each.of(reporting) for each in trials]
    is_confirmed = not is_worse(reported[chosen], reported[served])
    return Tuning(
        [_row(each, reported[served], sizes) for each in reported],
        served,
        0,
        chosen if is_confirmed else served,
        front(reported),
        len(choosing),
        len(reporting),
        is_confirmed,
        sizes,
    )


def served_shape(searcher: Searcher) -> PlanShape:
    """The plan that default searches go by now."""
    return searcher.tuned.shape if searcher.tuned is not None else shape_by_settings(searcher)


def shape_by_settings(searcher: Searcher) -> PlanShape:
    """The plan that default searches would go by if none were kept."""
    has_regions = searcher.index.schema.region_dims is not None
    return default_shape(searcher.settings, searcher.rerankers, has_regions=has_regions)


def _plans(library: Library, searcher: Searcher) -> list[PlanShape]:
    """That of the settings first, and also the one that is served."""
    found = plans_to_try(
        searcher.settings,
        searcher.rerankers,
        names_of(library.made_with(()).embedder),
        has_regions=searcher.index.schema.region_dims is not None,
    )
    return list(dict.fromkeys([*found, served_shape(searcher)]))


def _row(trial: Trial, served: Trial, sizes: Sizes) -> Row:
    return Row(trial.shape, estimate(trial.scores), gain(trial, served), trial.latency, sizes.of(trial.shape))

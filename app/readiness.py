"""Which parts of a service can be reached: database, index, objects, models, worker."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.parts import PartName
from indexer.metrics.kept import Kept
from indexer.services import Services
from vdr.addresses import is_address
from vdr.errors import VdrError
from vdr.index import schema_of
from vdr.objects.store import ObjectStore
from vdr.types import Collection, Generation

_PATIENCE_S = 3.0  # probes wait about as long
_MODELS_S = 10.0  # for which an answer of models on servers counts: each takes them some work
_PROBE = "ready"


@dataclass(frozen=True, slots=True)
class Part:
    """A part, and where it is away why; `pages` are those of the index, if it has told them."""

    name: PartName
    problem: str | None = None
    pages: int = 0

    @property
    def is_away(self) -> bool:
        """Whether it cannot be reached."""
        return self.problem is not None


class Readiness(Collector):
    """Looks at the parts at once, each in a thread; one that hangs is away, and not asked anew meanwhile."""

    def __init__(
        self, services: Services, count_workers: Callable[[], int], patience_s: float = _PATIENCE_S
    ) -> None:
        self._services, self._count_workers, self._patience_s = services, count_workers, patience_s
        self._opened = services.collections.opened(services.settings.index.collection)
        self._models = Kept(self._ask_models, _MODELS_S)
        self._threads = ThreadPoolExecutor(len(PartName), thread_name_prefix="ready")
        self._looking: dict[PartName, Future[int]] = {}

    def close(self) -> None:
        """Look no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def parts(self) -> list[Part]:
        """Every part as it is now."""
        looks = {
            PartName.DATABASE: self._look_at_database,
            PartName.INDEX: self._look_at_index,
            PartName.OBJECTS: self._look_at_objects,
            PartName.MODELS: self._models.get,
            PartName.WORKER: self._look_at_worker,
        }
        for name, look in looks.items():
            if name not in self._looking or self._looking[name].done():
                self._looking[name] = self._threads.submit(look)
        looking = dict(self._looking)
        wait(looking.values(), self._patience_s)
        return [_part(name, looking[name], self._patience_s) for name in PartName]

    def collect(self) -> Iterator[Metric]:
        """The parts as Prometheus is told of them."""
        family = GaugeMetricFamily(
            "vdr_part_ready", "1 where a part can be reached, 0 where it is away.", labels=["part"]
        )
        for part in self.parts():
            family.add_metric([part.name], 0 if part.is_away else 1)
        yield family

    def _look_at_database(self) -> int:
        self._opened = self._services.collections.opened(self._services.settings.index.collection)
        return 0

    def _look_at_index(self) -> int:
        schema = schema_of(self._serving[1])
        return 0 if schema is None else self._services.indexes.of(schema).count()

    def _look_at_objects(self) -> int:
        collection, generation = self._serving
        ObjectStore.open(self._services.settings.index, collection.name, generation.name).check()
        return 0

    def _ask_models(self) -> int:
        """Those on servers are asked something; the others are loaded before the first request."""
        models, settings = self._services.models, self._services.settings.model
        collection, generation = self._serving
        embedder = models.embedder(collection.settings, generation)
        if any(is_address(name) for name in settings.embedder.split(",")):
            embedder.encode_queries([_PROBE])
        for asked, step in zip(settings.reranker, models.rerankers(), strict=False):
            if is_address(asked.name) and step.model is not None and step.model.reads_words:
                step.model.score_words(_PROBE, [[_PROBE]])
        return 0

    def _look_at_worker(self) -> int:
        if self._count_workers() == 0:
            raise VdrError("No worker is alive; what is uploaded waits.", remedy="")
        return 0

    @property
    def _serving(self) -> tuple[Collection, Generation]:
        """The settings' collection as the database last told it: it may be away while the others are not."""
        return self._opened


def away(parts: Sequence[Part]) -> Mapping[PartName, str]:
    """The parts that are away, and why."""
    return {part.name: part.problem for part in parts if part.problem is not None}


def _part(name: PartName, looking: "Future[int]", patience_s: float) -> Part:
    if not looking.done():
        return Part(name, f"It has not answered within {patience_s:g} s.")
    try:
        return Part(name, pages=looking.result())
    except VdrError as error:
        return Part(name, error.message)

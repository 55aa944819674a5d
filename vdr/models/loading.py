"""The models that a process works with, each loaded when it is first needed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from vdr.models.reranker import LoadedStep, load_chain
from vdr.settings import DEFAULT_EMBEDDER, PAGE_READER, ModelSettings
from vdr.types import CollectionSettings, Generation, VectorShape

if TYPE_CHECKING:  # takes seconds to import, and whoever lists or deletes documents needs no model
    from vdr.models.embedder import Embedder
    from vdr.models.query_embedder import QueryEmbedder

# The name that a generation has which was built by the default of a version before, or before it had names.
_DEFAULTS_BEFORE = (PAGE_READER, None)

Load = Callable[[ModelSettings], "Embedder"]


class Models:
    """Embedders by what a collection asks for, and the rerankers. Threads may share one.

    `embedding` is to be held while pages are embedded: one batch at a time on the device.
    """

    def __init__(
        self,
        settings: ModelSettings,
        load: Load | None = None,
        rerankers: Sequence[LoadedStep] | None = None,
    ) -> None:
        """`load` takes the place of `load_embedder`, `rerankers` that of the chain the settings name."""
        self.embedding = Lock()
        self._settings, self._load = settings, load or _load_embedder
        self._embedders: dict[tuple[str, int | None, str | None], Embedder] = {}
        self._rerankers = None if rerankers is None else tuple(rerankers)
        self._loading = Lock()

    @classmethod
    def of(
        cls, settings: ModelSettings, embedder: "Embedder", rerankers: Sequence[LoadedStep] | None = None
    ) -> "Models":
        """Models that are loaded already: this embedder, whatever a collection asks for."""
        return cls(settings, lambda _: embedder, rerankers)

    def embedder(
        self, chosen: CollectionSettings | None = None, serving: Generation | None = None
    ) -> "Embedder":
        """The embedder of a collection, or of those that choose none. Raises what `load_embedder` raises.

        Where the `serving` generation was built without a reader, it goes on without one; where the settings
        are the default and it was built by that of an earlier version, it goes on by that.
        """
        settings = self._chosen(chosen, serving)
        with self._loading:
            found = self._found(settings)
            if found is None:
                found = self._load(settings)
                # Also by the reader that it has: one that reads itself has none, whichever is asked for.
                for reader in (settings.reader, found.reader_name):
                    self._embedders[settings.embedder, settings.dims, reader] = found
            return found

    def query_embedder(
        self, chosen: CollectionSettings | None = None, serving: Generation | None = None
    ) -> "QueryEmbedder":
        """The same for questions in words: where it is a page reader, it is ready in a fraction of the time.

        Raises what `load_embedder` raises.
        """
        settings = self._chosen(chosen, serving)
        with self._loading:
            is_loaded = self._found(settings) is not None
        if not is_loaded and self._load is _load_embedder:
            from vdr.models.own_queries import load_query_embedder  # noqa: PLC0415 - not all need it

            found = load_query_embedder(settings)
            if found is not None:
                return found
        return self.embedder(chosen, serving)

    def built_by(self, embedder: "QueryEmbedder", generation: Generation) -> Generation:
        """A generation as this embedder builds it, by these settings where it is not begun."""
        is_begun = generation.fingerprint is not None
        shape = self._shape_of(embedder)
        return replace(
            generation,
            embedder=embedder.name,
            fingerprint=embedder.fingerprint,
            dims=embedder.dims,
            coarse_dims=generation.coarse_dims or shape.coarse_dims,
            region_dims=embedder.region_dims,
            reader=embedder.reader_name,
            has_many_vectors=shape.has_many_vectors,
            quantization=generation.quantization if is_begun else self._settings.quantization,
            more=generation.more if is_begun else tuple(map(self._shape_of, embedder.more)),
        )

    def _shape_of(self, embedder: "QueryEmbedder") -> VectorShape:
        if embedder.coarse_dims is not None:
            return VectorShape(embedder.dims, embedder.coarse_dims, has_many_vectors=True)
        return VectorShape(embedder.dims, min(self._settings.coarse_dims, embedder.dims))

    def rerankers(self) -> tuple[LoadedStep, ...]:
        """The chain of rerankers, empty if the settings name none. Raises what `load_reranker` raises."""
        with self._loading:
            if self._rerankers is None:
                self._rerankers = load_chain(self._settings)
            return self._rerankers

    def _found(self, settings: ModelSettings) -> "Embedder | None":
        """The embedder that these settings name, where it is loaded."""
        alone = self._embedders.get((settings.embedder, settings.dims, None))
        if alone is not None and (alone.reads_words or settings.reader is None):
            return alone
        return self._embedders.get((settings.embedder, settings.dims, settings.reader))

    def _chosen(self, chosen: CollectionSettings | None, serving: Generation | None) -> ModelSettings:
        """The settings with what a collection chooses of its own in their place."""
        changes: dict[str, object] = {}
        if chosen is not None and chosen.embedder is not None:
            # The prompts of the settings are for the model that the settings name.
            changes = {"embedder": chosen.embedder, "dims": chosen.dims}
            changes |= {"query_prompt": None, "page_prompt": None}
        elif chosen is not None and chosen.dims is not None:
            changes = {"dims": chosen.dims}
        if serving is not None and serving.fingerprint is not None:
            wanted = changes.get("embedder", self._settings.embedder)
            if wanted == DEFAULT_EMBEDDER and serving.embedder in _DEFAULTS_BEFORE:
                changes["embedder"] = PAGE_READER
            if serving.reader is None:
                changes["reader"] = None
        return self._settings.model_copy(update=changes)


def _load_embedder(settings: ModelSettings) -> "Embedder":
    from vdr.models.embedder import load_embedder  # noqa: PLC0415 - takes seconds

    return load_embedder(settings)

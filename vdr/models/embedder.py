"""Embedders: any Sentence Transformers checkpoint by path or Hub name; what it takes decides its use."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from PIL import Image
from sentence_transformers import MultiVectorEncoder, SentenceTransformer

from vdr.addresses import is_address
from vdr.errors import BadSetting
from vdr.models.arenas import bound_arenas
from vdr.models.backend import choose_backend
from vdr.models.batch_size import BatchSize
from vdr.models.checkpoint import is_late_interaction, open_checkpoint, open_multi_vector
from vdr.models.checkpoint_texts import CheckpointTexts
from vdr.models.dense_embedder import DenseEmbedder
from vdr.models.fingerprint import fingerprint
from vdr.models.hub import Located, locate
from vdr.models.late_interaction import LateInteractionEmbedder
from vdr.models.own_modules import is_page_reader, is_text_encoder
from vdr.models.own_texts import OwnTexts, credence_of
from vdr.models.query_embedder import QueryEmbedder, check_dims, chosen_dims, folder_of
from vdr.models.reader import Reader, load_reader
from vdr.models.reading_embedder import ReadingEmbedder
from vdr.models.several import Several, names_of
from vdr.models.windows_embedder import WindowsEmbedder
from vdr.models.with_reader import WithReader
from vdr.page_reader.modules import WordSuperposition
from vdr.settings import PAGE_READER, ModelSettings
from vdr.text_encoder.credence import FILE as CREDENCE
from vdr.types import PageVectors, PageWords, QueryInput, Region


class Embedder(QueryEmbedder, Protocol):
    """Turns pages and queries into vectors that can be compared.

    `fingerprint` names the checkpoint and the settings that change its vectors; `dims` is the width of the
    embeddings; `coarse_dims` that of the coarse ones that come with many vectors a page, None where a page
    has one vector; `region_dims` that of the late-interaction codes beside it, None if it has none; they come
    as bytes, what an IndexSchema expects if it says nothing else. `reads_words` tells whether pages come with
    the words read from their pixels, `takes_words` that the embeddings are made of the words it is given;
    whoever hands them in has them from `reader`, where there is one.
    """

    takes_words: bool

    @property
    def pages_at_once(self) -> int:
        """How many pages it is best given together; more or fewer are taken as well."""
        ...

    @property
    def reader(self) -> Reader | None:
        """What reads pages beside it."""
        ...

    def encode_pages(
        self, images: Sequence[Image.Image], words: Sequence[PageWords] = ()
    ) -> list[PageVectors]:
        """Everything the model makes of each page.

        `words` are those of each page, text layer and read: what `takes_words` needs, and others leave out.
        """
        ...

    def explain(self, query: QueryInput, image: Image.Image, words: PageWords) -> tuple[Region, ...]:
        """Which regions of a page answer a query, best first, by the model's own measure.

        It makes what it needs of the page anew, for which `encode_pages` would be called once or some
        dozen times. The best region weighs 1; none where the page is empty or the query has no words. Raises
        what `encode_queries` raises.
        """
        ...

    def related_terms(self, query: str) -> Mapping[str, str]:
        """Terms that a page may contain instead of the query's, each with the one it stands for."""
        ...


def load_embedder(settings: ModelSettings) -> Embedder:
    """The embedder that the settings name, on the best device there is, and the reader beside it.

    Several embedders come as one, and a page reader among them reads for the others. Raises ModelError when
    a checkpoint cannot be loaded, or takes neither images nor texts, or what answers at an address is no
    embedder; EmbedderUnavailable when nothing answers; BadSetting when more dimensions are asked for than it
    has, when the reader is no page reader, or another one than the embedder that reads itself.
    """
    bound_arenas()
    embedder = _loaded(settings)
    check_dims(settings, embedder)
    return embedder


def _loaded(settings: ModelSettings) -> Embedder:
    names = names_of(settings.embedder)
    own = next((name for name in names if _is_ours(is_page_reader, folder_of(name))), None)
    if own is not None and settings.reader not in (None, PAGE_READER, own):
        raise BadSetting(
            f"VDR_READER={settings.reader}, but {own} embeds the words that it reads itself.",
            remedy="Unset VDR_READER, or set VDR_EMBEDDER to a model that does not read pixels.",
        )
    if own is not None and len(names) == 1:
        return _alone(settings)
    beside = own or settings.reader
    reader = None if beside is None else load_reader(beside)
    embedders = [_read_by(reader, settings.model_copy(update={"embedder": name})) for name in names]
    return embedders[0] if len(names) == 1 else Several(embedders, settings.embedder)


def _is_ours(is_kind: Callable[[Path], bool], path: str) -> bool:
    try:
        return is_kind(Path(path))
    except (OSError, ValueError, LookupError):  # loading the checkpoint says what is wrong with it
        return False


def _read_by(reader: Reader | None, settings: ModelSettings) -> Embedder:
    embedder = _alone(settings, reader)
    return embedder if reader is None or embedder.reads_words else WithReader(embedder, reader)


def _alone(settings: ModelSettings, reader: Reader | None = None) -> Embedder:
    """The embedder by itself; if it is a page reader, `reader` has read its pages."""
    if is_address(settings.embedder):
        from vdr.models.embed_endpoint import EndpointTexts  # noqa: PLC0415 - most need none

        return WindowsEmbedder(EndpointTexts(settings))
    at = locate(folder_of(settings.embedder))
    if _is_ours(is_text_encoder, at.path):
        return WindowsEmbedder(OwnTexts.load(at.path, settings))
    return _many_vectors(at, settings) if is_late_interaction(at) else _one_vector(at, settings, reader)


def _many_vectors(at: Located, settings: ModelSettings) -> Embedder:
    model = open_multi_vector(at, settings.device, settings.precision, settings.attention)
    dims = chosen_dims(settings, model.get_embedding_dimension() or 0)
    mark = fingerprint(at.path, {"dims": dims, "pooling": settings.pooling} | _prompted(model, settings))
    choose_backend(model, settings.embedder, settings.backend, mark)
    return LateInteractionEmbedder(model, settings, mark, dims)


def _one_vector(at: Located, settings: ModelSettings, reader: Reader | None) -> Embedder:
    model = open_checkpoint(at, settings.device, settings.precision, settings.attention)
    dims = chosen_dims(settings, model.get_embedding_dimension() or 0)
    last: Any = model[-1]
    if isinstance(last, WordSuperposition):
        mark = fingerprint(at.path, {"dims": dims})
        return ReadingEmbedder(model, settings.embedder, mark, dims, last.region_dims, reader)
    mark = fingerprint(at.path, {"dims": dims} | _prompted(model, settings))
    return _looking_or_reading(at, model, settings, mark, dims)


def _prompted(model: SentenceTransformer | MultiVectorEncoder, settings: ModelSettings) -> dict[str, object]:
    """Gives the model the prompts of the settings; what of them changes its vectors of pages."""
    chosen = {"query": settings.query_prompt, "document": settings.page_prompt}
    model.prompts.update({name: prompt for name, prompt in chosen.items() if prompt is not None})
    return {} if settings.page_prompt is None else {"page_prompt": settings.page_prompt}


def _looking_or_reading(
    at: Located, model: SentenceTransformer, settings: ModelSettings, mark: str, dims: int
) -> Embedder:
    if model.supports("image"):
        batch_size = BatchSize.of_pages(settings.batch_size, model, mark)
        return DenseEmbedder(model, settings.embedder, mark, dims, batch_size)
    choose_backend(model, settings.embedder, settings.backend, mark)
    windows = BatchSize.of_windows(settings.batch_size, model, mark)
    noted = at.file(CREDENCE)
    credence = None if noted is None else credence_of(str(Path(noted).parent))
    return WindowsEmbedder(CheckpointTexts(model, settings.embedder, mark, dims, windows, credence))

"""Embeds questions in words without torch, where all embedders are page readers and text encoders."""

from pathlib import Path

from vdr.errors import ModelError
from vdr.models.fingerprint import fingerprint, joined
from vdr.models.own_modules import is_page_reader, is_text_encoder, read_ours
from vdr.models.own_texts import OwnTexts
from vdr.models.query_embedder import (
    QueryEmbedder,
    ReadingQueryEmbedder,
    check_dims,
    chosen_dims,
    folder_of,
)
from vdr.models.several import SeveralQueries, names_of
from vdr.models.windows_embedder import WindowsEmbedder
from vdr.page_reader.asking import QuestionReader
from vdr.settings import ModelSettings


def load_query_embedder(settings: ModelSettings) -> QueryEmbedder | None:
    """What embeds questions in words, where the settings name a page reader, alone or beside text encoders.

    None for any other checkpoints. Raises ModelError and BadSetting as `load_embedder` does.
    """
    names = names_of(settings.embedder)
    paths = [folder_of(name) for name in names]
    try:
        readers = [path for path in paths if is_page_reader(Path(path))]
        is_ours = all(path in readers or is_text_encoder(Path(path)) for path in paths)
    except (OSError, ValueError, LookupError) as error:
        raise ModelError(f"{settings.embedder} cannot be loaded: {error}.") from error
    if not (readers and is_ours):
        return None
    parts = [settings.model_copy(update={"embedder": name}) for name in names]
    made = [
        _reading(path, part) if path in readers else _of_texts(path, part)
        for path, part in zip(paths, parts, strict=True)
    ]
    for embedder in made:
        if not embedder.reads_words:  # it embeds what the page reader has read
            embedder.fingerprint = joined(embedder.fingerprint, fingerprint(readers[0], {}))
            embedder.reader_name = names[paths.index(readers[0])]
    embedder = made[0] if len(made) == 1 else SeveralQueries(made, settings.embedder)
    check_dims(settings, embedder)
    return embedder


def _reading(path: str, settings: ModelSettings) -> QueryEmbedder:
    reader = read_ours(path, QuestionReader.read)
    dims = chosen_dims(settings, reader.dims)
    return ReadingQueryEmbedder(reader, settings.embedder, fingerprint(path, {"dims": dims}), dims)


def _of_texts(path: str, settings: ModelSettings) -> QueryEmbedder:
    return WindowsEmbedder(OwnTexts.load(path, settings))

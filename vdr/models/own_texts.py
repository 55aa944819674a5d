"""The text encoder as what gives one vector a text: without torch, and so ready in part of a second."""

from collections.abc import Sequence
from pathlib import Path

from vdr.models.fingerprint import fingerprint
from vdr.models.own_modules import is_text_encoder, read_ours
from vdr.models.query_embedder import chosen_dims
from vdr.models.text_windows import windows_of
from vdr.models.windows_embedder import TextModel
from vdr.settings import ModelSettings
from vdr.text_encoder.credence import OF_THE_SHIPPED, Credence
from vdr.text_encoder.encoder import TextEncoder
from vdr.types import FloatArray
from vdr.vectors import truncate


def credence_of(path: str) -> Credence | None:
    """How far the checkpoint in a folder is to be believed; None where nobody knows.

    Raises ModelError where what is noted of it is damaged.
    """
    noted = read_ours(path, Credence.read)
    return OF_THE_SHIPPED if noted is None and is_text_encoder(Path(path)) else noted


class OwnTexts(TextModel):
    """A text encoder of `vdr.text_encoder`. Threads may share one."""

    def __init__(self, encoder: TextEncoder, name: str, mark: str, dims: int, credence: Credence) -> None:
        self.name, self.fingerprint, self.dims, self.noise = name, mark, dims, credence.noise
        self._encoder, self._credence = encoder, credence

    @classmethod
    def load(cls, path: str, settings: ModelSettings) -> "OwnTexts":
        """The one in a folder. Raises ModelError where it is damaged."""
        encoder = read_ours(path, TextEncoder.read)
        dims = chosen_dims(settings, encoder.dims)
        credence = credence_of(path) or OF_THE_SHIPPED
        return cls(encoder, settings.embedder, fingerprint(path, {"dims": dims}), dims, credence)

    def windows(self, words: Sequence[str]) -> list[str]:
        """As few as there have to be for as many tokens as it takes."""
        return windows_of(words, self._encoder.count_tokens, self._encoder.length)

    def embed_windows(self, texts: Sequence[str]) -> FloatArray:
        """As `embed_queries`: it has no prompts."""
        return self.embed_queries(texts)

    def embed_queries(self, texts: Sequence[str]) -> FloatArray:
        """Embeddings (texts, dims), cut and normalized."""
        return truncate(self._encoder.embed(texts), self.dims)

    def share_understood(self, query: str) -> float:
        """All of English; nothing of languages of whose words it knows a third or fewer."""
        return self._credence.share_understood(self._encoder.share_known(query))

    def knows(self, word: str) -> bool:
        """Whether its vocabulary has the word whole."""
        return self._encoder.knows(word)

"""The text encoder as what gives one vector a text: without torch, and so ready in part of a second."""

from collections.abc import Sequence

from vdr.models.fingerprint import fingerprint
from vdr.models.own_modules import read_ours
from vdr.models.query_embedder import chosen_dims
from vdr.models.text_windows import windows_of
from vdr.models.windows_embedder import TextModel
from vdr.settings import ModelSettings
from vdr.text_encoder.encoder import TextEncoder
from vdr.types import FloatArray
from vdr.vectors import truncate

# 95 in 100 made-up words or rows of them have no window among 3,700 that is nearer
# (`python -m training.text_encoder.measure`); of questions that people asked 12 in 100.
_NOISE = 0.45
# The share of words that its vocabulary has whole: above 0.55 in 99 of 100 English questions (as above), a
# third or less in most rows of German or Spanish words, none in other scripts.
_ENGLISH, _FOREIGN = 0.55, 1 / 3


class OwnTexts(TextModel):
    """A text encoder of `vdr.text_encoder`. Threads may share one."""

    noise = _NOISE

    def __init__(self, encoder: TextEncoder, name: str, mark: str, dims: int) -> None:
        self.name, self.fingerprint, self.dims = name, mark, dims
        self._encoder = encoder

    @classmethod
    def load(cls, path: str, settings: ModelSettings) -> "OwnTexts":
        """The one in a folder. Raises ModelError where it is damaged."""
        encoder = read_ours(path, TextEncoder.read)
        dims = chosen_dims(settings, encoder.dims)
        return cls(encoder, settings.embedder, fingerprint(path, {"dims": dims}), dims)

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
        known = self._encoder.share_known(query)
        return min(1.0, max(0.0, known - _FOREIGN) / (_ENGLISH - _FOREIGN))

    def knows(self, word: str) -> bool:
        """Whether its vocabulary has the word whole."""
        return self._encoder.knows(word)

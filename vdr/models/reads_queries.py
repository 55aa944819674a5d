"""What embedders have in common that know the words of queries: they read images first, and relate words."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from PIL import Image

from vdr.models.inputs import images_of, texts_of
from vdr.page_reader.questions import QuestionWords
from vdr.types import QueryInput, QueryVectors, Word
from vdr.words import asked_words, having_relatives

Read = Callable[[Sequence[Image.Image]], Sequence[Sequence[Word]]]


class ReadsQueries(ABC):
    """Makes vectors of queries whose images have been read; `words` is what is known of words."""

    def __init__(self, read: Read, words: QuestionWords) -> None:
        self._read, self._words = read, words

    def encode_queries(self, queries: Sequence[QueryInput]) -> list[QueryVectors]:
        """Everything made of each query; an image is read first."""
        return self.encode_read(queries, in_texts(queries, self._read))

    @abstractmethod
    def encode_read(self, queries: Sequence[QueryInput], texts: Sequence[str]) -> list[QueryVectors]:
        """The same where images are read already: `texts` are what each query says."""

    def related_terms(self, query: str) -> Mapping[str, str]:
        """Those that what reads knows."""
        asked = having_relatives(asked_words(query))
        return {other: term for other, (term, _) in self._words.expand(asked).items()}


def in_texts(queries: Sequence[QueryInput], read: Read) -> list[str]:
    """What each query says; images are read, all at once."""
    images = images_of(queries)
    found = read([image for _, image in images]) if images else []
    texts = dict(texts_of(queries))
    for (place, _), words in zip(images, found, strict=True):
        texts[place] = " ".join(word.text for word in words)
    return [texts[place] for place in range(len(queries))]

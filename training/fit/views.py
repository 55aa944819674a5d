"""What a model is shown of pages: their images or, where it takes texts alone, windows of their words."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Protocol

from PIL import Image
from sentence_transformers import CrossEncoder

from training.fit.data import Pages
from training.fit.run import Run
from vdr.models.inputs import plain_text
from vdr.models.text_windows import text_windows, window_length
from vdr.words import wholes


class Views(Protocol):
    """A page has one view or several, known by their number; the one that fits a query best counts.

    `reads_words` tells whether they are texts.
    """

    reads_words: bool

    @abstractmethod
    def count(self, page_id: str) -> int:
        """How many views a page has, one at least."""

    @abstractmethod
    def shown(self, page_id: str, view: int) -> Any:  # noqa: ANN401 - an image or a text
        """A view as models take it."""

    @abstractmethod
    def best(self, page_id: str, query: str, most: int) -> list[int]:
        """The views that fit the query best, as far as that can be told without the model, best first."""


def reads_words(model: Any) -> bool:  # noqa: ANN401 - any of three kinds of model
    """Whether a model takes texts alone, and so is shown the words of pages."""
    return not model.supports("image")


def views_of(model: Any, run: Run[Any]) -> Views:  # noqa: ANN401
    """The pages of a run as a model takes them. A model that reads may have pages without text read first.

    A window leaves a cross-encoder, which takes it along with the query, half of its length for that: 256
    tokens of the usual 512 are about as much as it is shown when it serves.
    """
    if not reads_words(model):
        return ImageViews(run.data.pages)
    length = window_length(model) // (2 if isinstance(model, CrossEncoder) else 1)
    return WindowViews(run.texts, model.tokenizer, length)


def fitting(views: Views, query: str, page_id: str) -> Any:  # noqa: ANN401
    """What a model is shown of a page when it learns whether the page answers the query."""
    return views.shown(page_id, views.best(page_id, query, 1)[0])


def all_views(views: Views, page_ids: Sequence[str]) -> list[tuple[str, int]]:
    """Page and number of each view, page after page."""
    return [(page_id, view) for page_id in page_ids for view in range(views.count(page_id))]


class ImageViews:
    """Page images: a page is its only view."""

    reads_words = False

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def count(self, page_id: str) -> int:
        """One."""
        return 1

    def shown(self, page_id: str, view: int) -> Image.Image:
        """The page image; see `Pages.image`."""
        return self._pages.image(page_id)

    def best(self, page_id: str, query: str, most: int) -> list[int]:
        """The image."""
        return [0]


class WindowViews:
    """Windows of the words of pages, of at most `length` tokens.

    One fits a query by the words that they share, each as much as it is rare among the pages: ln(pages / df).
    """

    reads_words = True

    def __init__(self, texts: Mapping[str, str], tokenizer: Any, length: int) -> None:  # noqa: ANN401
        self._texts, self._tokenizer, self._length = texts, tokenizer, length
        self._windows: dict[str, list[str]] = {}
        holders = Counter(word for text in texts.values() for word in set(wholes(text)))
        self._rarity = {word: log(len(texts) / df) for word, df in holders.items()}

    def count(self, page_id: str) -> int:
        """How many windows the words of a page take."""
        return len(self._of(page_id))

    def shown(self, page_id: str, view: int) -> str:
        """The text of a window."""
        return self._of(page_id)[view]

    def best(self, page_id: str, query: str, most: int) -> list[int]:
        """The windows with the most of the query; of those with as much, the first."""
        asked = set(wholes(query))
        worths = [self._worth(window, asked) for window in self._of(page_id)]
        return sorted(range(len(worths)), key=lambda view: -worths[view])[:most]

    def _worth(self, window: str, asked: set[str]) -> float:
        return sum(self._rarity[word] for word in sorted(asked.intersection(wholes(window))))

    def _of(self, page_id: str) -> list[str]:
        if page_id not in self._windows:
            text = plain_text(self._texts[page_id], self._tokenizer)["text"]
            self._windows[page_id] = text_windows(text.split(), self._tokenizer, self._length)
        return self._windows[page_id]

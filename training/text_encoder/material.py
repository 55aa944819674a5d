"""What a text encoder is made from and measured by: pages in windows, and questions with their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
from datasets import Dataset

from training.pairs.dataset import PairsDataset
from training.pairs.splits import EVAL, TRAIN
from vdr.models.text_windows import windows_of
from vdr.text_encoder.encoder import TextEncoder
from vdr.types import FloatArray
from vdr.vectors import best_of_each

Page = TypeVar("Page")


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Vectors of windows (windows, dims), page after page, and of queries (queries, dims).

    `counts` (pages,) tells how many windows each page has, `answers` (queries,) the place of the page that
    answers each query.
    """

    windows: FloatArray
    counts: npt.NDArray[np.int64]
    queries: FloatArray
    answers: npt.NDArray[np.int64]

    @classmethod
    def of(cls, encoder: TextEncoder, pairs: PairsDataset, split: str, most_pages: int | None = None) -> Self:
        """That of a split, as an encoder makes it; of at most so many pages, evenly chosen."""
        rows = zip(pairs.pages["page_id"], pairs.pages["split"], pairs.pages["text"], strict=True)
        texts = evenly([(page_id, text) for page_id, its, text in rows if its == split], most_pages)
        windows = [windows_of(text.split(), encoder.count_tokens, encoder.length) for _, text in texts]
        places = {page_id: place for place, (page_id, _) in enumerate(texts)}
        asked: Dataset = {TRAIN: pairs.train, EVAL: pairs.eval}[split]
        pairs_of = zip(asked["query"], asked["positive_id"], strict=True)
        answered = [(query, places[page_id]) for query, page_id in pairs_of if page_id in places]
        return cls(
            encoder.embed([window for page in windows for window in page]),
            np.array(list(map(len, windows)), np.int64),
            encoder.embed([query for query, _ in answered]),
            np.array([place for _, place in answered], np.int64),
        )

    def scores(self) -> FloatArray:
        """Of each query with each page (queries, pages): that of the page's best window."""
        return best_of_each(self.queries @ self.windows.T, self.counts.tolist())

    def best_windows(self) -> npt.NDArray[np.int64]:
        """The place (queries,) of the window that is most like each query on the page that answers it."""
        ends = np.cumsum(self.counts)
        found = [
            start + int(np.argmax(self.windows[start:end] @ query))
            for query, start, end in zip(
                self.queries, (ends - self.counts)[self.answers], ends[self.answers], strict=True
            )
        ]
        return np.array(found, np.int64)


def evenly(pages: Sequence[Page], most: int | None) -> Sequence[Page]:
    """At most so many pages, evenly chosen; all where none is said."""
    if most is None or len(pages) <= most:
        return pages
    return [pages[place] for place in np.linspace(0, len(pages) - 1, most).astype(int)]

"""Measures a model while it is trained: nDCG@10 over all pages of the eval split, at every dimension."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator

from training.fit.data import EvalQuestions
from training.fit.ranking import Embedded, quality, unit
from training.fit.views import Views, all_views

Item = TypeVar("Item")


class MatryoshkaEvaluator(BaseEvaluator):
    """Embeds queries and pages once, and ranks with the first `dims` of the vectors for each of `dims`.

    Gives `ndcg@10` for the largest of them, and `ndcg@10_D` for each.
    """

    def __init__(self, questions: EvalQuestions, views: Views, dims: Sequence[int], batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._questions, self._views = questions, views
        self._dims, self._batch_size = sorted(dims, reverse=True), batch_size

    def __call__(
        self, model: SentenceTransformer, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """The metrics of `model`."""
        embedded = embed(model, self._questions, self._views, self._batch_size)
        measured = {dims: self._measure(embedded.cut(dims)) for dims in self._dims}
        return {"ndcg@10": measured[self._dims[0]]} | {f"ndcg@10_{dims}": m for dims, m in measured.items()}

    def _measure(self, embedded: Embedded) -> float:
        return float(np.mean(quality(embedded.scores(), self._questions).corpus))


def embed(model: SentenceTransformer, questions: EvalQuestions, views: Views, batch_size: int) -> Embedded:
    """The unit vectors of an eval split by a model, whether it normalizes them itself or not.

    Of the page images only a batch is open at once.
    """
    queries = model.encode_query(
        list(questions.queries.values()), batch_size=batch_size, show_progress_bar=False
    )
    pages = [
        model.encode_document(
            [views.shown(*each) for each in batch], batch_size=batch_size, show_progress_bar=False
        )
        for batch in chunks(all_views(views, questions.page_ids), batch_size)
    ]
    return Embedded(
        unit(np.asarray(queries, np.float32)),
        unit(np.concatenate(pages).astype(np.float32)),
        [views.count(page_id) for page_id in questions.page_ids],
    )


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Runs of `size` items; the last one may be shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))

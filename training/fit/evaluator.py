"""Measures a model while it is trained: nDCG@10 over all pages of the eval split, at every dimension."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.evaluation import BaseEvaluator
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from sentence_transformers.util import cos_sim

from training.fit.data import EvalQuestions
from training.fit.ranking import Embedded, unit

_METRIC = "cosine_ndcg@10"


class MatryoshkaEvaluator(BaseEvaluator):
    """Embeds queries and pages once, and ranks with the first `dims` of the vectors for each of `dims`.

    Gives `ndcg@10` for the largest of them, and `ndcg@10_D` for each.
    """

    def __init__(self, questions: EvalQuestions, dims: Sequence[int], batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._questions, self._dims, self._batch_size = questions, sorted(dims, reverse=True), batch_size

    def __call__(
        self, model: SentenceTransformer, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """The metrics of `model`."""
        embedded = embed(model, self._questions, self._batch_size)
        measured = {dims: self._measure(model, embedded.cut(dims)) for dims in self._dims}
        return {"ndcg@10": measured[self._dims[0]]} | {f"ndcg@10_{dims}": m for dims, m in measured.items()}

    def _measure(self, model: SentenceTransformer, embedded: Embedded) -> float:
        metrics = _Given(self._questions, embedded)(model)
        return float(metrics[_METRIC])


class _Given(InformationRetrievalEvaluator):
    """Sentence Transformers' evaluator over vectors that are there already; queries and pages are ids."""

    def __init__(self, questions: EvalQuestions, embedded: Embedded) -> None:
        super().__init__(
            {query_id: query_id for query_id in questions.queries},
            {page_id: page_id for page_id in questions.page_ids},
            questions.relevant,
            write_csv=False,
            score_functions={"cosine": cos_sim},
        )
        rows = zip(
            [*questions.queries, *questions.page_ids], [*embedded.queries, *embedded.pages], strict=True
        )
        self._vectors = dict(rows)

    def embed_inputs(self, model: SentenceTransformer, sentences: Any, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        return torch.from_numpy(np.stack([self._vectors[item] for item in sentences]))


def embed(model: SentenceTransformer, questions: EvalQuestions, batch_size: int) -> Embedded:
    """The unit vectors of an eval split by a model, whether it normalizes them itself or not.

    Of the page images only a batch is open at once.
    """
    queries = model.encode_query(
        list(questions.queries.values()), batch_size=batch_size, show_progress_bar=False
    )
    pages = [
        model.encode_document(questions.pages.images(ids), batch_size=batch_size, show_progress_bar=False)
        for ids in chunks(questions.page_ids, batch_size)
    ]
    return Embedded(unit(np.asarray(queries, np.float32)), unit(np.concatenate(pages).astype(np.float32)))


def chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Runs of `size` items; the last one may be shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))

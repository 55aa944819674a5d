"""Trains a reranker: a cross-encoder that takes a query and a page together, its image or its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import datasets
import numpy as np
import torch
from sentence_transformers import CrossEncoder, CrossEncoderTrainer, CrossEncoderTrainingArguments
from sentence_transformers.base.evaluation import BaseEvaluator
from sentence_transformers.cross_encoder.evaluation import CrossEncoderRerankingEvaluator
from sentence_transformers.cross_encoder.losses import (
    BinaryCrossEntropyLoss,
    LambdaLoss,
    LambdaRankScheme,
    ListNetLoss,
)
from torch import nn

from training.fit.callbacks import Say
from training.fit.config import RerankerConfig, RerankerLossSection
from training.fit.data import LABEL, QUERY, EvalQuestions, Show, TrainingData
from training.fit.finish import Comparison
from training.fit.first_stage import FirstStage, open_first_stage
from training.fit.model import prepare_transformer, training_device
from training.fit.ranking import DEPTH, Quality
from training.fit.result import RunResult
from training.fit.run import Run
from training.fit.trainer import Kind, NoModelCard, train
from training.fit.views import Views, fitting, views_of
from vdr.errors import BadInput, ModelError
from vdr.models.checkpoint import open_cross_encoder
from vdr.models.query_embedder import folder_of
from vdr.types import FloatArray
from vdr.vectors import best_of_each

PAGE, PAGES = "page", "pages"
_MOST_VIEWS = 3  # as many as a search shows of a page


def train_reranker(config: RerankerConfig, say: Say = print) -> RunResult | None:
    """See `training.fit.trainer.train`. Raises BadInput where there are no hard negatives to learn from."""
    return train(RERANKER, config, say)


def open_reranker(config: RerankerConfig) -> CrossEncoder:
    """The checkpoint that a configuration names, ready to be trained.

    Raises ModelError when it cannot be loaded, takes neither images nor texts or gives more than one score.
    """
    base = folder_of(config.model.base)
    model = open_cross_encoder(base, training_device())
    if not (model.supports("image") or model.supports("text")):
        raise ModelError(f"{base} takes neither images nor texts, so it cannot learn to rerank pages.")
    model.to(getattr(torch, config.model.precision))
    prepare_transformer(model, config.model)
    return model


class RerankingEvaluator(BaseEvaluator):
    """nDCG@10 of the embedder's candidates, reranked; what it did not retrieve counts as missed."""

    def __init__(self, questions: EvalQuestions, views: Views, first: FirstStage, batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._views, self._batch_size = views, batch_size
        self._samples: list[Any] = [
            {
                "query": query,
                "positive": sorted(questions.relevant[query_id]),
                "documents": [questions.page_ids[row] for row in rows],
            }
            for (query_id, query), rows in zip(questions.queries.items(), first.corpus, strict=True)
        ]

    def __call__(
        self, model: CrossEncoder, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """The metrics of `model`."""
        evaluator = CrossEncoderRerankingEvaluator(
            self._samples,
            at_k=DEPTH,
            always_rerank_positives=False,
            batch_size=self._batch_size,
            write_csv=False,
        )
        return {"ndcg@10": float(evaluator(cast("Any", ByPageId(model, self._views)))[f"ndcg@{DEPTH}"])}


class ByPageId:
    """Stands for a reranker, but takes page ids, and opens pages when they are to be scored.

    A page has the score of the best of the views that fit the query best.
    """

    def __init__(self, model: CrossEncoder, views: Views) -> None:
        self._model, self._views = model, views

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._model, name)

    def predict(self, pairs: Sequence[tuple[str, str]], **options: Any) -> FloatArray:  # noqa: ANN401
        """A score (pairs,) for each query and page id."""
        views = [self._views.best(page_id, query, _MOST_VIEWS) for query, page_id in pairs]
        shown = [
            (query, self._views.shown(page_id, view))
            for (query, page_id), its in zip(pairs, views, strict=True)
            for view in its
        ]
        return best_of_each(self._model.predict(shown, **options), list(map(len, views)))


class RerankerTrainer(NoModelCard, CrossEncoderTrainer):
    """Sentence Transformers' trainer."""


def reranker_loss(model: CrossEncoder, section: RerankerLossSection) -> nn.Module:
    """The loss of a configuration: each page by itself, or the list of a query's pages."""
    match section.kind:
        case "binary":
            return BinaryCrossEntropyLoss(model)
        case "lambda":
            return LambdaLoss(model, LambdaRankScheme(), mini_batch_size=section.mini_batch_size)
        case "listwise":
            return ListNetLoss(model, mini_batch_size=section.mini_batch_size)


def reranker_rows(data: TrainingData, show: Show, section: RerankerLossSection) -> datasets.Dataset:
    """Rows (query, page, label), or (query, pages, labels) for the losses over lists; 1 is right, 0 wrong."""
    columns = data.columns[1:]
    if section.kind == "binary":
        flat = [
            (row[QUERY], row[column], float(place == 0))
            for row in data.rows
            for place, column in enumerate(columns)
        ]
        names = (QUERY, PAGE, LABEL)
        rows = datasets.Dataset.from_list([dict(zip(names, each, strict=True)) for each in flat])
    else:
        rows = datasets.Dataset.from_dict(
            {
                QUERY: list(data.rows[QUERY]),
                PAGES: [[row[column] for column in columns] for row in data.rows],
                "labels": [[1.0] + [0.0] * data.negatives] * len(data.rows),
            }
        )
    return rows.with_transform(_Shown(show))


class _Shown:
    """Turns ids into images or texts, one or a list a row."""

    def __init__(self, show: Show) -> None:
        self._show = show

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        shown = dict(batch)
        if PAGE in batch:
            shown[PAGE] = list(map(self._show, batch[QUERY], batch[PAGE]))
        if PAGES in batch:
            rows = zip(batch[QUERY], batch[PAGES], strict=True)
            shown[PAGES] = [[self._show(query, page_id) for page_id in ids] for query, ids in rows]
        return shown


@dataclass(frozen=True, eq=False)
class _Measured:
    """The quality of the embedder's candidates in the order that the reranker gives them."""

    reranked: Quality


@dataclass(frozen=True, eq=False)
class _Recipe:
    run: Run[RerankerConfig]
    model: CrossEncoder
    views: Views
    first: FirstStage
    measured = _Measured

    def options(self) -> dict[str, Any]:
        return {}

    def rows(self) -> datasets.Dataset:
        return reranker_rows(self.run.data, partial(fitting, self.views), self.run.config.loss)

    def loss(self) -> nn.Module:
        return reranker_loss(self.model, self.run.config.loss)

    def evaluator(self) -> RerankingEvaluator:
        batch_size = self.run.config.evaluation.batch_size
        return RerankingEvaluator(self.run.data.questions, self.views, self.first, batch_size)

    def measure(self, model: CrossEncoder) -> _Measured:
        by_id = ByPageId(model.eval(), self.views)
        questions, batch_size = self.run.data.questions, self.run.config.evaluation.batch_size
        scores = np.zeros_like(self.first.scores)
        candidates = zip(questions.queries.values(), self.first.within, self.first.corpus, strict=True)
        for place, (query, within, corpus) in enumerate(candidates):
            rows = sorted({*within, *corpus})
            pairs = [(query, questions.page_ids[row]) for row in rows]
            scores[place, rows] = by_id.predict(pairs, batch_size=batch_size, show_progress_bar=False)
        return _Measured(self.first.reranked(scores))

    def compare(self, base: _Measured, tuned: _Measured) -> Comparison:
        alone, before, after = self.first.quality(), base.reranked, tuned.reranked
        return Comparison(
            systems={
                "embedder": alone.summary(),
                "base+rerank": before.summary(),
                "tuned+rerank": after.summary(),
            },
            gain={"over base": after.gain_over(before), "over embedder": after.gain_over(alone)},
            base=before,
            tuned=after,
        )


def _recipe(run: Run[RerankerConfig]) -> _Recipe:
    if run.data.negatives == 0:
        raise BadInput("Rerankers need hard negatives.", remedy="Set data.negatives to at least 1.")
    model = open_reranker(run.config)
    return _Recipe(run, model, views_of(model, run), open_first_stage(run))


RERANKER = Kind("reranker", "VDR_RERANKER", RerankerTrainer, CrossEncoderTrainingArguments, _recipe)

"""Trains a reranker: a cross-encoder that looks at a query and a page together."""

from collections.abc import Sequence
from dataclasses import dataclass
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
from training.fit.data import LABEL, QUERY, EvalQuestions, Pages, TrainingData
from training.fit.finish import Comparison
from training.fit.first_stage import FirstStage, open_first_stage
from training.fit.model import checkpoint_path, prepare_transformer, training_device
from training.fit.ranking import DEPTH, Quality
from training.fit.result import RunResult
from training.fit.run import Run
from training.fit.trainer import Kind, NoModelCard, train
from vdr.errors import BadInput, ModelError
from vdr.models.checkpoint import open_cross_encoder
from vdr.types import FloatArray

PAGE, PAGES = "page", "pages"


def train_reranker(config: RerankerConfig, say: Say = print) -> RunResult | None:
    """See `training.fit.trainer.train`. Raises BadInput where there are no hard negatives to learn from."""
    return train(RERANKER, config, say)


def open_reranker(config: RerankerConfig) -> CrossEncoder:
    """The checkpoint that a configuration names, ready to be trained.

    Raises ModelError when it cannot be loaded, takes no images or gives more than one score.
    """
    base = checkpoint_path(config.model.base)
    model = open_cross_encoder(base, training_device())
    if not model.supports("image"):
        raise ModelError(f"{base} does not take images, so it cannot learn to rerank them.")
    model.to(getattr(torch, config.model.precision))
    prepare_transformer(model, config.model)
    return model


class RerankingEvaluator(BaseEvaluator):
    """nDCG@10 of the embedder's candidates, reranked; what it did not retrieve counts as missed."""

    def __init__(self, questions: EvalQuestions, first: FirstStage, batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._pages, self._batch_size = questions.pages, batch_size
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
        return {"ndcg@10": float(evaluator(cast("Any", _ByPageId(model, self._pages)))[f"ndcg@{DEPTH}"])}


class _ByPageId:
    """Stands for a reranker, but takes page ids and opens the images when they are to be scored."""

    def __init__(self, model: CrossEncoder, pages: Pages) -> None:
        self._model, self._pages = model, pages

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._model, name)

    def predict(self, pairs: Sequence[tuple[str, str]], **options: Any) -> FloatArray:  # noqa: ANN401
        shown = [(query, self._pages.image(page_id)) for query, page_id in pairs]
        scores: FloatArray = self._model.predict(shown, **options)
        return scores


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


def reranker_rows(data: TrainingData, section: RerankerLossSection) -> datasets.Dataset:
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
    return rows.with_transform(_Shown(data.pages))


class _Shown:
    """Turns ids into images, one or a list a row."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        shown = dict(batch)
        if PAGE in batch:
            shown[PAGE] = self._pages.images(batch[PAGE])
        if PAGES in batch:
            shown[PAGES] = [self._pages.images(ids) for ids in batch[PAGES]]
        return shown


@dataclass(frozen=True, eq=False)
class _Measured:
    """The quality of the embedder's candidates in the order that the reranker gives them."""

    reranked: Quality


@dataclass(frozen=True, eq=False)
class _Recipe:
    run: Run[RerankerConfig]
    model: CrossEncoder
    first: FirstStage
    measured = _Measured

    def options(self) -> dict[str, Any]:
        return {}

    def rows(self) -> datasets.Dataset:
        return reranker_rows(self.run.data, self.run.config.loss)

    def loss(self) -> nn.Module:
        return reranker_loss(self.model, self.run.config.loss)

    def evaluator(self) -> RerankingEvaluator:
        return RerankingEvaluator(self.run.data.questions, self.first, self.run.config.evaluation.batch_size)

    def measure(self, model: CrossEncoder) -> _Measured:
        model.eval()
        questions, batch_size = self.run.data.questions, self.run.config.evaluation.batch_size
        scores = np.zeros_like(self.first.scores)
        candidates = zip(questions.queries.values(), self.first.within, self.first.corpus, strict=True)
        for place, (query, within, corpus) in enumerate(candidates):
            rows = sorted({*within, *corpus})
            shown = [(query, questions.pages.image(questions.page_ids[row])) for row in rows]
            scores[place, rows] = model.predict(shown, batch_size=batch_size, show_progress_bar=False)
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
    return _Recipe(run, model, open_first_stage(run))


RERANKER = Kind("reranker", "VDR_RERANKER", RerankerTrainer, CrossEncoderTrainingArguments, _recipe)

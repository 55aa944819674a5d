"""Trains a late-interaction model: many vectors a page, compared one by one (MaxSim).

    score(query, page) = sum over the query's vectors of their best match among the page's

(Khattab and Zaharia, ColBERT, SIGIR 2020; for pages, Faysse et al., ColPali, 2024). The page reader is one:
its vectors are the codes of the words, and what learns is how much each word of a query matters.
"""

from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from sentence_transformers import (
    MultiVectorEncoder,
    MultiVectorEncoderTrainer,
    MultiVectorEncoderTrainingArguments,
    SentenceTransformer,
)
from sentence_transformers.base.evaluation import BaseEvaluator
from sentence_transformers.multi_vector_encoder.losses import CachedMultiVectorMultipleNegativesRankingLoss
from torch import distributed, nn

from training.fit.callbacks import Say
from training.fit.config import LateInteractionConfig
from training.fit.data import DistinctBatches, EvalQuestions
from training.fit.evaluator import chunks
from training.fit.finish import Comparison
from training.fit.first_stage import FirstStage, open_first_stage
from training.fit.model import (
    open_embedder,
    prepare_transformer,
    prompts,
    router_mapping,
    training_device,
)
from training.fit.ranking import Quality, quality
from training.fit.result import RunResult
from training.fit.run import Run
from training.fit.trainer import Kind, NoModelCard, train
from training.fit.views import Views, all_views, fitting, views_of
from vdr.models.checkpoint import open_multi_vector
from vdr.models.own_modules import is_page_reader
from vdr.models.query_embedder import folder_of
from vdr.page_reader.modules import WordSuperposition
from vdr.types import FloatArray


def train_late_interaction(config: LateInteractionConfig, say: Say = print) -> RunResult | None:
    """See `training.fit.trainer.train`."""
    return train(LATE_INTERACTION, config, say)


def open_late_interaction(config: LateInteractionConfig) -> MultiVectorEncoder:
    """The checkpoint that a configuration names, ready to be trained.

    Raises ModelError when it cannot be loaded or takes neither images nor texts.
    """
    path = folder_of(config.model.base)
    if is_page_reader(Path(path)):
        reader = open_embedder(config.model)
        for module in reader.modules():
            if isinstance(module, WordSuperposition):
                module.is_late_interaction = True
        return MultiVectorEncoder(modules=list(reader), device="cpu")
    model = open_multi_vector(path, training_device())
    model.to(getattr(torch, config.model.precision))
    prepare_transformer(model, config.model)
    return model


class LateInteractionEvaluator(BaseEvaluator):
    """nDCG@10 over all pages of the eval split by MaxSim."""

    def __init__(self, questions: EvalQuestions, views: Views, batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._questions, self._views, self._batch_size = questions, views, batch_size

    def __call__(
        self, model: MultiVectorEncoder, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """The metrics of `model`."""
        scores = max_sim(model, self._questions, self._views, self._batch_size)
        return {"ndcg@10": float(np.mean(quality(scores, self._questions).corpus))}


def max_sim(model: MultiVectorEncoder, questions: EvalQuestions, views: Views, batch_size: int) -> FloatArray:
    """The scores (queries, pages) of an eval split; the vectors of a page are those of all of its views."""
    queries = model.encode_query(
        list(questions.queries.values()), batch_size=batch_size, show_progress_bar=False
    )
    columns = []
    for page_ids in chunks(questions.page_ids, batch_size):
        shown = [views.shown(*each) for each in all_views(views, page_ids)]
        encoded = iter(model.encode_document(shown, batch_size=batch_size, show_progress_bar=False))
        pages = [torch.cat([*islice(encoded, views.count(page_id))]) for page_id in page_ids]
        columns.append(model.similarity(queries, pages).cpu().numpy())
    return np.concatenate(columns, axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Quality over all pages by MaxSim alone, and of reranking the best pages of an embedder."""

    alone: Quality
    reranking: Quality


class LateInteractionTrainer(NoModelCard, DistinctBatches, MultiVectorEncoderTrainer):
    """Sentence Transformers' trainer with our batches."""


@dataclass(frozen=True, eq=False)
class _Recipe:
    run: Run[LateInteractionConfig]
    model: MultiVectorEncoder
    views: Views
    first: FirstStage
    measured = _Measured

    def options(self) -> dict[str, Any]:
        columns = self.run.data.columns
        return {
            "router_mapping": router_mapping(self.model, columns),
            "prompts": prompts(self.run.config.data, self.model, columns),
        }

    def rows(self) -> datasets.Dataset:
        return self.run.data.shown(partial(fitting, self.views))

    def loss(self) -> nn.Module:
        loss = self.run.config.loss
        return CachedMultiVectorMultipleNegativesRankingLoss(
            self.model,
            scale=loss.scale,
            mini_batch_size=loss.mini_batch_size,
            gather_across_devices=distributed.is_initialized() and distributed.get_world_size() > 1,
        )

    def evaluator(self) -> LateInteractionEvaluator:
        batch_size = self.run.config.evaluation.batch_size
        return LateInteractionEvaluator(self.run.data.questions, self.views, batch_size)

    def measure(self, model: MultiVectorEncoder) -> _Measured:
        questions = self.run.data.questions
        scores = max_sim(model.eval(), questions, self.views, self.run.config.evaluation.batch_size)
        return _Measured(quality(scores, questions), self.first.reranked(scores))

    def compare(self, base: _Measured, tuned: _Measured) -> Comparison:
        alone = self.first.quality()
        return Comparison(
            systems={
                "embedder": alone.summary(),
                "base": base.alone.summary(),
                "tuned": tuned.alone.summary(),
                "base+rerank": base.reranking.summary(),
                "tuned+rerank": tuned.reranking.summary(),
            },
            gain={
                "over base": tuned.alone.gain_over(base.alone),
                "reranked": tuned.reranking.gain_over(base.reranking),
                "over embedder": tuned.reranking.gain_over(alone),
            },
            base=base.alone,
            tuned=tuned.alone,
        )


def _recipe(run: Run[LateInteractionConfig]) -> _Recipe:
    model = open_late_interaction(run.config)
    return _Recipe(run, model, views_of(model, run), open_first_stage(run))


def _served(model: MultiVectorEncoder) -> MultiVectorEncoder | SentenceTransformer:
    """The model in the form it is served in: a page reader gives single vectors along with its codes."""
    if any(isinstance(module, WordSuperposition) for module in model.modules()):
        return SentenceTransformer(modules=list(model), device="cpu")
    return model


LATE_INTERACTION = Kind(
    "late-interaction model",
    "VDR_EMBEDDER",
    LateInteractionTrainer,
    MultiVectorEncoderTrainingArguments,
    _recipe,
    _served,
)

"""Trains an embedder: one vector a page, measured at every number of dimensions that it may be cut to."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import datasets
import numpy as np
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from torch import nn

from training.evaluate.bm25 import Bm25
from training.fit.callbacks import Say
from training.fit.config import EmbedderConfig
from training.fit.credence import credence_after
from training.fit.data import DistinctBatches
from training.fit.evaluator import MatryoshkaEvaluator, embed
from training.fit.finish import Comparison
from training.fit.losses import check_dimensions, embedder_loss
from training.fit.model import open_embedder, prompts, router_mapping
from training.fit.ranking import Quality, at_every_dimension, kept, quality
from training.fit.result import Kept, RunResult
from training.fit.run import Run
from training.fit.teacher import teach
from training.fit.trainer import Kind, NoModelCard, train
from training.fit.views import Views, fitting, views_of
from vdr.text_encoder.credence import FILE as CREDENCE


def train_embedder(config: EmbedderConfig, say: Say = print) -> RunResult | None:
    """See `training.fit.trainer.train`."""
    return train(EMBEDDER, config, say)


def dimensions(config: EmbedderConfig, model: SentenceTransformer) -> list[int]:
    """The dimensions to measure at, the largest first: those of the loss, or the model's own down to 1/32."""
    own = model.get_embedding_dimension() or 0
    if config.loss.matryoshka is not None:
        check_dimensions(own, config.loss.matryoshka)
        return sorted({own, *config.loss.matryoshka.dims}, reverse=True)
    return [own >> halvings for halvings in range(6) if own >> halvings]


class EmbedderTrainer(NoModelCard, DistinctBatches, SentenceTransformerTrainer):
    """Sentence Transformers' trainer with our batches."""


@dataclass(frozen=True, eq=False)
class _Measured:
    """Quality at every dimension, and of BM25 over the pages' text layers."""

    at: dict[int, Quality]
    bm25: Quality


@dataclass(frozen=True, eq=False)
class _Recipe:
    run: Run[EmbedderConfig]
    model: SentenceTransformer
    views: Views
    dims: Sequence[int]
    measured = _Measured

    def options(self) -> dict[str, Any]:
        columns = self.run.data.columns
        return {
            "router_mapping": router_mapping(self.model, columns),
            "prompts": prompts(self.run.config.data, self.model, columns),
        }

    def rows(self) -> datasets.Dataset:
        return self.run.data.shown(partial(fitting, self.views), teach(self.run, dims=self.dims[0]))

    def loss(self) -> nn.Module:
        return embedder_loss(self.model, self.run.config.loss)

    def evaluator(self) -> MatryoshkaEvaluator:
        batch_size = self.run.config.evaluation.batch_size
        return MatryoshkaEvaluator(self.run.data.questions, self.views, self.dims, batch_size)

    def measure(self, model: SentenceTransformer) -> _Measured:
        questions = self.run.data.questions
        embedded = embed(model.eval(), questions, self.views, self.run.config.evaluation.batch_size)
        return _Measured(at_every_dimension(embedded, self.dims, questions), self._bm25)

    @cached_property
    def _bm25(self) -> Quality:
        questions = self.run.data.questions
        searcher = Bm25(questions.texts)
        scores = np.stack([searcher.scores(query) for query in questions.queries.values()])
        return quality(scores.astype(np.float32), questions)

    def compare(self, base: _Measured, tuned: _Measured) -> Comparison:
        systems = {"bm25": base.bm25.summary()}
        systems |= {f"base@{cut}": each.summary() for cut, each in base.at.items()}
        systems |= {f"tuned@{cut}": each.summary() for cut, each in tuned.at.items()}
        return Comparison(
            systems=systems,
            gain={str(cut): tuned.at[cut].gain_over(base.at[cut]) for cut in self.dims},
            base=base.at[self.dims[0]],
            tuned=tuned.at[self.dims[0]],
            kept=Kept(base=kept(base.at), tuned=kept(tuned.at)),
        )


def _recipe(run: Run[EmbedderConfig]) -> _Recipe:
    model = open_embedder(run.config.model)
    return _Recipe(run, model, views_of(model, run), dimensions(run.config, model))


def _beside(run: Run[EmbedderConfig], model: SentenceTransformer) -> dict[str, str]:
    credence = credence_after(run, model)
    return {} if credence is None else {CREDENCE: credence.model_dump_json() + "\n"}


EMBEDDER = Kind(
    "embedder",
    "VDR_EMBEDDER",
    EmbedderTrainer,
    SentenceTransformerTrainingArguments,
    _recipe,
    beside=_beside,
)

"""Trains a late-interaction model: many vectors a page, compared one by one (MaxSim).

    score(query, page) = sum over the query's vectors of their best match among the page's

(Khattab and Zaharia, ColBERT, SIGIR 2020; for pages, Faysse et al., ColPali, 2024). The page reader is one:
its vectors are the codes of the words, and what learns is how much each word of a query matters.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
from torch import distributed
from transformers import PrinterCallback

from training.fit.callbacks import Say
from training.fit.config import LateInteractionConfig
from training.fit.data import DistinctBatches, Questions, TrainingData, open_data
from training.fit.embedder import callbacks, last_checkpoint, prompts, training_arguments
from training.fit.evaluator import chunks
from training.fit.finish import Findings, finish, measured_once
from training.fit.first_stage import FirstStage, open_first_stage
from training.fit.memory import measuring_in_memory, train_in_memory
from training.fit.model import (
    checkpoint_path,
    open_embedder,
    prepare_transformer,
    router_mapping,
    training_device,
)
from training.fit.ranking import Quality, quality
from training.fit.result import RunResult
from training.fit.run_folder import RunFolder, is_first_process, open_run
from vdr.models.checkpoint import is_page_reader, open_multi_vector
from vdr.page_reader.modules import WordSuperposition
from vdr.types import FloatArray


def train_late_interaction(config: LateInteractionConfig, say: Say = print) -> RunResult | None:
    """Train, or resume training, and return the result; of a finished run, its existing result.

    Raises BadInput and ModelError for what cannot work, before anything is trained.
    """
    with open_run(config) as folder:
        if folder.is_finished:
            say(f"{folder.root} is already finished.")
            return folder.read_result()
        data = open_data(config.data)
        model = open_late_interaction(config)
        with measuring_in_memory(config):
            first = open_first_stage(config, folder, data.questions, say)
            base = None
            if is_first_process():
                say(f"Evaluating the base model on {len(data.questions.queries)} questions.")
                told = measured_once(
                    folder.base, lambda: vars(_measured(model, data.questions, first, config))
                )
                base = _Measured(**told)
        began = time.monotonic()
        trainer = _trainer(config, folder, model, data, say)
        train_in_memory(trainer, config, last_checkpoint(folder), say)
        with measuring_in_memory(config):
            return _finish(config, folder, trainer, data, first, base, time.monotonic() - began, say)


def open_late_interaction(config: LateInteractionConfig) -> MultiVectorEncoder:
    """The checkpoint that a configuration names, ready to be trained.

    Raises ModelError when it cannot be loaded or takes no images.
    """
    path = checkpoint_path(config.model.base)
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

    def __init__(self, questions: Questions, batch_size: int) -> None:
        super().__init__()
        self.primary_metric = "ndcg@10"
        self._questions, self._batch_size = questions, batch_size

    def __call__(
        self, model: MultiVectorEncoder, output_path: str | None = None, epoch: int = -1, steps: int = -1
    ) -> dict[str, float]:
        """The metrics of `model`."""
        measured = quality(max_sim(model, self._questions, self._batch_size), self._questions)
        return {"ndcg@10": float(np.mean(measured.corpus))}


def max_sim(model: MultiVectorEncoder, questions: Questions, batch_size: int) -> FloatArray:
    """The scores (queries, pages) of an eval split."""
    queries = model.encode_query(
        list(questions.queries.values()), batch_size=batch_size, show_progress_bar=False
    )
    columns = []
    for ids in chunks(questions.page_ids, batch_size):
        pages = model.encode_document(
            questions.pages.images(ids), batch_size=batch_size, show_progress_bar=False
        )
        columns.append(model.similarity(queries, pages).cpu().numpy())
    return np.concatenate(columns, axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Quality over all pages by MaxSim alone, and of reranking the best pages of an embedder."""

    alone: Quality
    reranking: Quality


class LateInteractionTrainer(DistinctBatches, MultiVectorEncoderTrainer):
    """Sentence Transformers' trainer with our batches; the card is written from what was measured."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Adds none."""


def _trainer(
    config: LateInteractionConfig,
    folder: RunFolder,
    model: MultiVectorEncoder,
    data: TrainingData,
    say: Say,
) -> LateInteractionTrainer:
    loss = CachedMultiVectorMultipleNegativesRankingLoss(
        model,
        scale=config.loss.scale,
        mini_batch_size=config.loss.mini_batch_size,
        gather_across_devices=distributed.is_initialized() and distributed.get_world_size() > 1,
    )
    trainer = LateInteractionTrainer(
        model=model,
        args=training_arguments(
            config,
            folder,
            MultiVectorEncoderTrainingArguments,
            router_mapping=router_mapping(model, data.columns),
            prompts=prompts(config, model, data),
        ),
        train_dataset=data.with_images(),
        loss=loss,
        evaluator=LateInteractionEvaluator(data.questions, config.evaluation.batch_size),
        callbacks=callbacks(config, folder, say),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _finish(
    config: LateInteractionConfig,
    folder: RunFolder,
    trainer: LateInteractionTrainer,
    data: TrainingData,
    first: FirstStage,
    base: _Measured | None,
    seconds: float,
    say: Say,
) -> RunResult | None:
    if base is None:
        return None
    tuned = _measured(trainer.model, data.questions, first, config)
    alone = first.quality()
    for scope in ("within", "corpus"):
        before, after = (float(np.mean(getattr(each.alone, scope))) for each in (base, tuned))
        say(f"nDCG@10 {scope}: {before:.3f} -> {after:.3f}")
    findings = Findings(
        kind="late-interaction model",
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
    return finish(config, folder, trainer, data, seconds, findings, _served(trainer.model))


def _measured(
    model: MultiVectorEncoder, questions: Questions, first: FirstStage, config: LateInteractionConfig
) -> _Measured:
    scores = max_sim(model.eval(), questions, config.evaluation.batch_size)
    return _Measured(quality(scores, questions), first.reranked(scores))


def _served(model: MultiVectorEncoder) -> MultiVectorEncoder | SentenceTransformer:
    """The model in the form it is served in: a page reader gives single vectors along with its codes."""
    if any(isinstance(module, WordSuperposition) for module in model.modules()):
        return SentenceTransformer(modules=list(model), device="cpu")
    return model

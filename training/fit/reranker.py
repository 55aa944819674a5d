"""Trains a reranker: a cross-encoder that looks at a query and a page together."""

import time
from collections.abc import Sequence
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
from transformers import PrinterCallback

from training.fit.callbacks import Say
from training.fit.config import RerankerConfig, RerankerLossSection
from training.fit.data import LABEL, QUERY, Pages, Questions, TrainingData, open_data
from training.fit.embedder import callbacks, last_checkpoint, training_arguments
from training.fit.finish import Findings, finish, measured_once
from training.fit.first_stage import FirstStage, open_first_stage
from training.fit.memory import measuring_in_memory, train_in_memory
from training.fit.model import (
    checkpoint_path,
    prepare_transformer,
    training_device,
)
from training.fit.ranking import DEPTH, Quality
from training.fit.result import RunResult
from training.fit.run_folder import RunFolder, is_first_process, open_run
from vdr.errors import BadInput
from vdr.models.checkpoint import open_cross_encoder
from vdr.types import FloatArray

PAGE, PAGES = "page", "pages"


def train_reranker(config: RerankerConfig, say: Say = print) -> RunResult | None:
    """Train, or resume training, and return the result; of a finished run, its existing result.

    Raises BadInput and ModelError for what cannot work, before anything is trained.
    """
    with open_run(config) as folder:
        if folder.is_finished:
            say(f"{folder.root} is already finished. Serve it with VDR_RERANKER={folder.model}")
            return folder.read_result()
        data = open_data(config.data)
        if data.negatives == 0:
            raise BadInput("Rerankers need hard negatives.", remedy="Set data.negatives to at least 1.")
        model = open_reranker(config)
        with measuring_in_memory(config):
            first = open_first_stage(config, folder, data.questions, say)
            base = None
            if is_first_process():
                say(f"Evaluating the base model on {len(data.questions.queries)} questions.")
                batch_size = config.evaluation.batch_size
                base = measured_once(
                    folder.base, lambda: {"reranked": _reranked(model, first, data.questions, batch_size)}
                )["reranked"]
        began = time.monotonic()
        trainer = _trainer(config, folder, model, data, first, say)
        train_in_memory(trainer, config, last_checkpoint(folder), say)
        with measuring_in_memory(config):
            return _finish(config, folder, trainer, data, first, base, time.monotonic() - began, say)


def open_reranker(config: RerankerConfig) -> CrossEncoder:
    """The checkpoint that a configuration names, ready to be trained.

    Raises ModelError when it cannot be loaded, takes no images or gives more than one score.
    """
    model = open_cross_encoder(checkpoint_path(config.model.base), training_device())
    model.to(getattr(torch, config.model.precision))
    prepare_transformer(model, config.model)
    return model


class RerankingEvaluator(BaseEvaluator):
    """nDCG@10 of the embedder's candidates, reranked; what it did not retrieve counts as missed."""

    def __init__(self, questions: Questions, first: FirstStage, batch_size: int) -> None:
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


def _trainer(
    config: RerankerConfig,
    folder: RunFolder,
    model: CrossEncoder,
    data: TrainingData,
    first: FirstStage,
    say: Say,
) -> "RerankerTrainer":
    trainer = RerankerTrainer(
        model=model,
        args=training_arguments(config, folder, CrossEncoderTrainingArguments),
        train_dataset=reranker_rows(data, config.loss),
        loss=reranker_loss(model, config.loss),
        evaluator=RerankingEvaluator(data.questions, first, config.evaluation.batch_size),
        callbacks=callbacks(config, folder, say),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


class RerankerTrainer(CrossEncoderTrainer):
    """Sentence Transformers' trainer; the card is written from what was measured."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Adds none."""


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


def _reranked(model: CrossEncoder, first: FirstStage, questions: Questions, batch_size: int) -> Quality:
    """The quality of the embedder's candidates in the order that the reranker gives them."""
    model.eval()
    scores = np.zeros_like(first.scores)
    candidates = zip(questions.queries.values(), first.within, first.corpus, strict=True)
    for place, (query, within, corpus) in enumerate(candidates):
        rows = sorted({*within, *corpus})
        shown = [(query, questions.pages.image(questions.page_ids[row])) for row in rows]
        scores[place, rows] = model.predict(shown, batch_size=batch_size, show_progress_bar=False)
    return first.reranked(scores)


def _finish(
    config: RerankerConfig,
    folder: RunFolder,
    trainer: RerankerTrainer,
    data: TrainingData,
    first: FirstStage,
    base: Quality | None,
    seconds: float,
    say: Say,
) -> RunResult | None:
    if base is None:
        return None
    tuned = _reranked(trainer.model, first, data.questions, config.evaluation.batch_size)
    alone = first.quality()
    for scope in ("within", "corpus"):
        before, after = (float(np.mean(getattr(each, scope))) for each in (base, tuned))
        say(f"nDCG@10 {scope}, reranked: {before:.3f} -> {after:.3f}")
    findings = Findings(
        kind="reranker",
        systems={
            "embedder": alone.summary(),
            "base+rerank": base.summary(),
            "tuned+rerank": tuned.summary(),
        },
        gain={"over base": tuned.gain_over(base), "over embedder": tuned.gain_over(alone)},
        base=base,
        tuned=tuned,
    )
    result = finish(config, folder, trainer, data, seconds, findings)
    say(f"Serve it with VDR_RERANKER={folder.model}")
    return result

"""Trains an embedder: from a configuration to a model that can be served, and the measure of its gain."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from transformers import EarlyStoppingCallback, PrinterCallback

from training.evaluate.bm25 import Bm25
from training.fit.callbacks import MetricsFile, Say, Telling
from training.fit.config import EmbedderConfig, RunConfig
from training.fit.data import DistinctBatches, TrainingData, open_data
from training.fit.evaluator import MatryoshkaEvaluator, embed
from training.fit.finish import Findings, finish
from training.fit.losses import check_dimensions, embedder_loss
from training.fit.memory import measuring_in_memory, train_in_memory
from training.fit.model import open_embedder, router_mapping
from training.fit.ranking import Quality, at_every_dimension, kept, quality
from training.fit.result import Kept, RunResult, ScopeScores
from training.fit.run_folder import RunFolder, is_first_process, open_run
from training.fit.teacher import teach
from vdr.errors import BadInput
from vdr.files import write_whole


def train_embedder(config: EmbedderConfig, say: Say = print) -> RunResult | None:
    """Train, or resume training, and return the result; of a finished run, its existing result.

    Everything lies in `config.run.folder` afterwards: `model/` can be served. Raises BadInput and ModelError
    for what cannot work, before anything is trained.
    """
    with open_run(config) as folder:
        if folder.is_finished:
            say(f"{folder.root} is already finished. Serve it with VDR_EMBEDDER={folder.model}")
            return folder.read_result()
        data = open_data(config.data)
        model = open_embedder(config.model)
        dims = dimensions(config, model)
        with measuring_in_memory(config):
            base = _base_quality(folder, model, data, config, dims, say)
            began = time.monotonic()
            trainer = _trainer(config, folder, model, data, dims, say)
        train_in_memory(trainer, config, last_checkpoint(folder), say)
        with measuring_in_memory(config):
            return _finish(config, folder, trainer, data, base, dims, time.monotonic() - began, say)


def dimensions(config: EmbedderConfig, model: SentenceTransformer) -> list[int]:
    """The dimensions to measure at, the largest first: those of the loss, or the model's own down to 1/32."""
    own = model.get_embedding_dimension() or 0
    if config.loss.matryoshka is not None:
        check_dimensions(own, config.loss.matryoshka)
        return sorted({own, *config.loss.matryoshka.dims}, reverse=True)
    return [own >> halvings for halvings in range(6) if own >> halvings]


def training_arguments(config: RunConfig, folder: RunFolder, kind: type[Any], **more: Any) -> Any:  # noqa: ANN401
    """The trainer's arguments: how long, how fast, how often measured and kept, everything seeded.

    Raises BadInput where TensorBoard is asked for and not installed.
    """
    if config.run.tensorboard and find_spec("tensorboard") is None:
        raise BadInput("run.tensorboard needs TensorBoard.", remedy="Install it, or remove run.tensorboard.")
    optimizer, steps = config.optimizer, config.evaluation.every_steps
    return kind(
        output_dir=str(folder.checkpoints),
        per_device_train_batch_size=optimizer.batch_size,
        learning_rate=optimizer.learning_rate,
        num_train_epochs=optimizer.epochs,
        max_steps=optimizer.steps or -1,
        warmup_steps=optimizer.warm_up,
        lr_scheduler_type=optimizer.schedule,
        weight_decay=optimizer.weight_decay,
        max_grad_norm=optimizer.max_gradient,
        bf16=config.model.precision == "bfloat16",
        seed=config.run.seed,
        data_seed=config.run.seed,
        eval_strategy="steps",
        eval_steps=steps,
        save_strategy="steps",
        save_steps=steps,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_ndcg@10",
        greater_is_better=True,
        logging_steps=max(1, min(steps, 10)),
        logging_nan_inf_filter=False,
        report_to=["tensorboard"] if config.run.tensorboard else [],
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        **more,
    )


class EmbedderTrainer(DistinctBatches, SentenceTransformerTrainer):
    """Sentence Transformers' trainer with our batches; the card is written from what was measured."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Adds none."""


def _trainer(
    config: EmbedderConfig,
    folder: RunFolder,
    model: SentenceTransformer,
    data: TrainingData,
    dims: Sequence[int],
    say: Say,
) -> "EmbedderTrainer":
    labels = teach(config.loss, data, dims=dims[0], batch_size=config.evaluation.batch_size)
    rows = data.with_images(labels)
    arguments = training_arguments(
        config,
        folder,
        SentenceTransformerTrainingArguments,
        router_mapping=router_mapping(model, data.columns),
        prompts=prompts(config, model, data),
    )
    trainer = EmbedderTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        loss=embedder_loss(model, config.loss),
        evaluator=MatryoshkaEvaluator(data.questions, dims, config.evaluation.batch_size),
        callbacks=callbacks(config, folder, say),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def callbacks(config: RunConfig, folder: RunFolder, say: Say) -> list[Any]:
    """What accompanies a training: the metrics file, the lines for people, early stopping."""
    last = folder.last_checkpoint() if is_first_process() else None
    resumed_at = int(last.name.rpartition("-")[2]) if last else 0
    found: list[Any] = [Telling(say)]
    if is_first_process():
        found.append(MetricsFile(folder.metrics, resumed_at))
    if config.evaluation.patience is not None:
        found.append(EarlyStoppingCallback(early_stopping_patience=config.evaluation.patience))
    return found


def prompts(config: RunConfig, model: Any, data: TrainingData) -> dict[str, str] | None:  # noqa: ANN401
    """The prompt of each column: the configuration's, or the one the checkpoint would be asked with."""
    query, page = config.data.query_prompt, config.data.page_prompt
    own = getattr(model, "prompts", {})
    query = own.get("query", "") if query is None else query
    page = own.get("document", "") if page is None else page
    chosen = {column: query if place == 0 else page for place, column in enumerate(data.columns)}
    return {column: prompt for column, prompt in chosen.items() if prompt} or None


def last_checkpoint(folder: RunFolder) -> str | None:
    """Where the trainer resumes, if anywhere."""
    last = folder.last_checkpoint()
    return None if last is None else str(last)


@dataclass(frozen=True, eq=False)
class _Measured:
    """Quality at every dimension, and of BM25 over the pages' text layers."""

    at: dict[int, Quality]
    bm25: Quality


def _base_quality(
    folder: RunFolder,
    model: SentenceTransformer,
    data: TrainingData,
    config: EmbedderConfig,
    dims: Sequence[int],
    say: Say,
) -> _Measured | None:
    """What the base can do before anything is trained, measured once a run; None but in the first process."""
    if not is_first_process():
        return None
    file = folder.base
    if not file.exists():
        say(f"Evaluating the base model on {len(data.questions.queries)} questions.")
        embedded = embed(model.eval(), data.questions, config.evaluation.batch_size)
        at = at_every_dimension(embedded, dims, data.questions)
        told = {str(cut): vars(each) for cut, each in at.items()}
        write_whole(file, json.dumps({"at": told, "bm25": vars(_bm25(data))}))
    told = json.loads(file.read_text())
    return _Measured({int(d): Quality(**q) for d, q in told["at"].items()}, Quality(**told["bm25"]))


def _bm25(data: TrainingData) -> Quality:
    searcher = Bm25(data.questions.texts)
    scores = np.stack([searcher.scores(query) for query in data.questions.queries.values()])
    return quality(scores.astype(np.float32), data.questions)


def _finish(
    config: EmbedderConfig,
    folder: RunFolder,
    trainer: EmbedderTrainer,
    data: TrainingData,
    base: _Measured | None,
    dims: Sequence[int],
    seconds: float,
    say: Say,
) -> RunResult | None:
    if base is None:
        return None
    embedded = embed(trainer.model.eval(), data.questions, config.evaluation.batch_size)
    tuned = at_every_dimension(embedded, dims, data.questions)
    findings = Findings(
        kind="embedder",
        systems=_systems(base, tuned),
        gain={str(cut): tuned[cut].gain_over(base.at[cut]) for cut in dims},
        base=base.at[dims[0]],
        tuned=tuned[dims[0]],
        kept=Kept(base=kept(base.at), tuned=kept(tuned)),
    )
    result = finish(config, folder, trainer, data, seconds, findings)
    _tell(result, folder, dims[0], say)
    return result


def _systems(base: _Measured, tuned: dict[int, Quality]) -> dict[str, ScopeScores]:
    found = {"bm25": base.bm25.summary()}
    found |= {f"base@{cut}": each.summary() for cut, each in base.at.items()}
    return found | {f"tuned@{cut}": each.summary() for cut, each in tuned.items()}


def _tell(result: RunResult, folder: RunFolder, dims: int, say: Say) -> None:
    for scope in ("within", "corpus"):
        before, after = (getattr(result.systems[f"{name}@{dims}"], scope).mean for name in ("base", "tuned"))
        low, high = getattr(result.gain[str(dims)], scope).interval
        say(f"nDCG@10 {scope}: {before:.3f} -> {after:.3f} (gain {low:+.3f} to {high:+.3f})")
    say(f"Serve it with VDR_EMBEDDER={folder.model}")

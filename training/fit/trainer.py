"""Trains a model: what embedders, rerankers and late-interaction models have in common."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import datasets
import torch
from pydantic import TypeAdapter
from sentence_transformers.base.evaluation import BaseEvaluator
from torch import nn
from transformers import PrinterCallback

from training.fit.callbacks import MetricsFile, Patience, Say, Telling
from training.fit.config import RunConfig
from training.fit.data import open_data
from training.fit.finish import Comparison, finish
from training.fit.memory import measuring_in_memory, train_in_memory
from training.fit.model import interpolate, learning_weights
from training.fit.result import RunResult
from training.fit.run import Run
from training.fit.run_folder import RunFolder, is_first_process, open_run
from training.pairs.dataset import mark_of
from vdr.errors import BadInput
from vdr.files import write_whole

Config = TypeVar("Config", bound=RunConfig)
Measured = TypeVar("Measured")


class Recipe(Protocol[Measured]):
    """What one training does in a way of its own; `measured` is what it finds of a model's quality."""

    @property
    def model(self) -> Any:  # noqa: ANN401 - one of three kinds
        """The model to be trained."""
        ...

    @property
    def measured(self) -> type[Measured]:
        """What `measure` returns: a dataclass of Quality, kept as JSON for a run that is resumed."""
        ...

    def options(self) -> dict[str, Any]:
        """Its trainer's arguments besides the common ones."""
        ...

    def rows(self) -> datasets.Dataset:
        """What is learned from."""
        ...

    def loss(self) -> nn.Module:
        """What is to become small."""
        ...

    def evaluator(self) -> BaseEvaluator:
        """Measures `ndcg@10` on the way."""
        ...

    def measure(self, model: Any) -> Measured:  # noqa: ANN401
        """The quality of the model, before or after training."""
        ...

    def compare(self, base: Measured, tuned: Measured) -> Comparison:
        """What training changed."""
        ...


@dataclass(frozen=True)
class Kind(Generic[Config]):
    """A kind of training: its trainer and arguments, and the recipe of a run.

    `variable` is the setting that serves the model; `to_serve` puts the trained model into the form that is
    served, and `beside` makes further files that it is served with, by name.
    """

    name: str
    variable: str
    trainer: type[Any]
    arguments: type[Any]
    recipe: Callable[[Run[Config]], Recipe[Any]]
    to_serve: Callable[[Any], Any] = lambda model: model
    beside: Callable[[Run[Config], Any], Mapping[str, str]] = lambda run, model: {}


class NoModelCard:
    """For trainers: the card is written from what was measured."""

    def add_model_card_callback(self, default_args_dict: dict[str, Any]) -> None:
        """Adds none."""


def train(kind: Kind[Config], config: Config, say: Say) -> RunResult | None:
    """Train, or resume, and return the result; of a finished run the one it had.

    Everything lies in `config.run.folder` afterwards: `model/` can be served. None in processes beside the
    first. Raises BadInput and ModelError for what cannot work, before anything is trained.
    """
    with open_run(config) as folder:
        if folder.is_finished:
            say(f"{folder.root} is already finished. {_how_to_serve(kind, folder)}")
            return folder.read_result()
        run = Run(config, folder, open_data(config.data), say)
        if is_first_process():
            folder.check_data(mark_of(config.data.pairs))
        recipe = kind.recipe(run)
        interpolation = config.model.interpolation
        before = learning_weights(recipe.model) if interpolation < 1 else {}
        with measuring_in_memory(config):
            base = _base(run, recipe)
            began = time.monotonic()
            trainer = _trainer(kind, run, recipe)
        train_in_memory(trainer, config, _last_checkpoint(folder), say)
        seconds = time.monotonic() - began + _seconds_before(trainer)
        interpolate(trainer.model, before, interpolation)
        if base is None:
            return None
        with measuring_in_memory(config):
            found = recipe.compare(base, recipe.measure(trainer.model))
            beside = kind.beside(run, trainer.model)
        result = finish(kind.name, run, trainer, kind.to_serve(trainer.model), seconds, found, beside)
        _tell(found, _how_to_serve(kind, folder), say)
        return result


def _base(run: Run[RunConfig], recipe: Recipe[Measured]) -> Measured | None:
    """The quality of the base, measured once per run: a resumed run has another. None in other processes."""
    if not is_first_process():
        return None
    file, kept = run.folder.base, TypeAdapter(recipe.measured)
    if not file.exists():
        run.say(f"Evaluating the base model on {len(run.data.questions.queries)} questions.")
        write_whole(file, kept.dump_json(recipe.measure(recipe.model)))
    return kept.validate_json(file.read_bytes())


def _trainer(kind: Kind[Config], run: Run[Config], recipe: Recipe[Any]) -> Any:  # noqa: ANN401 - one of three
    trainer = kind.trainer(
        model=recipe.model,
        args=kind.arguments(**_arguments(run), **recipe.options()),
        train_dataset=recipe.rows(),
        loss=recipe.loss(),
        evaluator=recipe.evaluator(),
        callbacks=_callbacks(run),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _arguments(run: Run[RunConfig]) -> dict[str, Any]:
    """The trainer's arguments: how long, how fast, how often measured and kept, everything seeded.

    Raises BadInput where TensorBoard is asked for and not installed.
    """
    config = run.config
    if config.run.tensorboard and find_spec("tensorboard") is None:
        raise BadInput("run.tensorboard needs TensorBoard.", remedy="Install it, or remove run.tensorboard.")
    return {
        "output_dir": str(run.folder.checkpoints),
        "bf16": config.model.precision == "bfloat16",
        "seed": config.run.seed,
        "data_seed": config.run.seed,
        "report_to": ["tensorboard"] if config.run.tensorboard else [],
        "disable_tqdm": True,
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "remove_unused_columns": False,
        **_steps(config),
        **_measurements(config),
    }


def _steps(config: RunConfig) -> dict[str, Any]:
    optimizer = config.optimizer
    return {
        "per_device_train_batch_size": optimizer.batch_size,
        "learning_rate": optimizer.learning_rate,
        "num_train_epochs": optimizer.epochs,
        "max_steps": optimizer.steps or -1,
        "warmup_steps": optimizer.warm_up,
        "lr_scheduler_type": optimizer.schedule,
        "weight_decay": optimizer.weight_decay,
        "max_grad_norm": optimizer.max_gradient,
    }


def _measurements(config: RunConfig) -> dict[str, Any]:
    steps = config.evaluation.every_steps
    return {
        "eval_strategy": "steps",
        "eval_steps": steps,
        "save_strategy": "steps",
        "save_steps": steps,
        "save_total_limit": 2,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_ndcg@10",
        "greater_is_better": True,
        "logging_steps": max(1, min(steps, 10)),
        "logging_nan_inf_filter": False,
    }


def _callbacks(run: Run[RunConfig]) -> list[Any]:
    """The metrics file, the printed lines, early stopping."""
    found: list[Any] = [Telling(run.say)]
    if is_first_process():
        last = run.folder.last_checkpoint()
        found.append(MetricsFile(run.folder.metrics, _step(last) if last else 0))
    if run.config.evaluation.patience is not None:
        found.append(Patience(early_stopping_patience=run.config.evaluation.patience))
    return found


def _seconds_before(trainer: Any) -> float:  # noqa: ANN401 - one of three
    """What the run had taken when it was resumed."""
    callbacks = trainer.callback_handler.callbacks
    return sum(each.seconds_before for each in callbacks if isinstance(each, MetricsFile))


def _last_checkpoint(folder: RunFolder) -> str | None:
    last = folder.last_checkpoint()
    return None if last is None else str(last)


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _tell(found: Comparison, how_to_serve: str, say: Say) -> None:
    gain, base, tuned = next(iter(found.gain.values())), found.base.summary(), found.tuned.summary()
    for scope, before, after, change in (
        ("within", base.within, tuned.within, gain.within),
        ("corpus", base.corpus, tuned.corpus, gain.corpus),
    ):
        told = f"{before.mean:.3f} -> {after.mean:.3f} (gain {change.low:+.3f} to {change.high:+.3f})"
        say(f"nDCG@10 {scope}: {told}")
    say(how_to_serve)


def _how_to_serve(kind: Kind[Config], folder: RunFolder) -> str:
    return f"Serve it with {kind.variable}={folder.model}"

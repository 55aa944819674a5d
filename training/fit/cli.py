"""The commands `vdr train embedder`, `vdr train reranker`, `vdr train late-interaction`."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from training.fit.config import EmbedderConfig, LateInteractionConfig, RerankerConfig, read_config
from vdr.errors import ExitCode

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG.toml", help="Configuration of the training run.")]

train = typer.Typer(help="Fine-tune models on your own documents.", no_args_is_help=True)


@train.command()
def embedder(config: ConfigFile) -> None:
    """Train an embedder on pairs. Run it again to resume an interrupted run."""
    told = read_config(config, EmbedderConfig)
    from training.fit.embedder import train_embedder  # noqa: PLC0415 - takes seconds

    _run(lambda: train_embedder(told, typer.echo))


@train.command()
def reranker(config: ConfigFile) -> None:
    """Train a reranker on pairs with hard negatives. Resumable like the embedder."""
    told = read_config(config, RerankerConfig)
    from training.fit.reranker import train_reranker  # noqa: PLC0415 - takes seconds

    _run(lambda: train_reranker(told, typer.echo))


@train.command("late-interaction")
def late_interaction(config: ConfigFile) -> None:
    """Train a late-interaction model on pairs. Resumable like the embedder."""
    told = read_config(config, LateInteractionConfig)
    from training.fit.late_interaction import train_late_interaction  # noqa: PLC0415 - takes seconds

    _run(lambda: train_late_interaction(told, typer.echo))


def _run(work: Callable[[], Any]) -> None:
    try:
        work()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted. Run the same command again to resume from the last checkpoint.\n")
        raise typer.Exit(ExitCode.INTERRUPTED) from None

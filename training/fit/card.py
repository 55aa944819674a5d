"""Writes the model card of a run: nothing in it but what was measured."""

from importlib.metadata import version
from pathlib import Path

from training.fit.config import RunConfig
from training.fit.result import RunResult, Score
from training.fit.run_folder import RunFolder
from vdr.distribution import NAME
from vdr.files import write_whole

_LIBRARIES = ("sentence-transformers", "torch", "transformers", NAME)


def write_card(folder: RunFolder, config: RunConfig, result: RunResult) -> None:
    """The card of the model in a run folder, from the run's own result."""
    write_whole(folder.model / "README.md", card(config, result))


def card(config: RunConfig, result: RunResult) -> str:
    """The text of a model card."""
    return "\n".join(
        [
            _head(result),
            f"# {Path(config.run.folder).name}",
            "",
            f"A {result.kind} that {result.shown}, for pages of documents, fine-tuned from `{result.base}`.",
            "",
            _usage(result.kind),
            "## How it was trained",
            "",
            _training(config, result),
            "## What it scores",
            "",
            f"On {result.questions} questions over {result.pages} pages of held-out documents; "
            "95 % intervals in parentheses.",
            "",
            _table(result),
        ]
    )


def _head(result: RunResult) -> str:
    task = {"reranker": "text-ranking"}.get(result.kind, "visual-document-retrieval")
    return f"---\nlibrary_name: sentence-transformers\npipeline_tag: {task}\n---"


def _usage(kind: str) -> str:
    if kind == "reranker":
        return "To serve it, set `VDR_RERANKER` to this folder.\n"
    return "To serve it, set `VDR_EMBEDDER` to this folder and index the pages again.\n"


def _training(config: RunConfig, result: RunResult) -> str:
    steps = f"{result.steps} steps"
    if result.best_step:
        steps += f" (the best after {result.best_step})"
    versions = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    loss = config.model_dump()["loss"]
    lines = [
        f"{result.rows:,} rows of query, page and hard negatives; {steps} of "
        f"{config.optimizer.batch_size} rows per device in {result.seconds / 60:.1f} minutes.",
        f"Loss: {loss.get('kind', 'ranking')}; learning rate {config.optimizer.learning_rate:g}, "
        f"schedule {config.optimizer.schedule}, seed {config.run.seed}.",
        f"{result.learning_parameters:,} of {result.parameters:,} parameters trained.",
        f"Made with {versions}.",
        "",
    ]
    return "\n".join(lines)


def _table(result: RunResult) -> str:
    rows = ["| system | nDCG@10 within the document | over all pages |", "| --- | --- | --- |"]
    for name, scores in result.systems.items():
        rows.append(f"| {name} | {_stated(scores.within)} | {_stated(scores.corpus)} |")
    return "\n".join(rows) + "\n"


def _stated(score: Score) -> str:
    return f"{score.mean:.3f} ({score.low:.3f}-{score.high:.3f})"

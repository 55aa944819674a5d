"""Our training command against a plain Sentence Transformers script that does the same work, in one run.

python -m benchmarks.train_step [--steps N] [--rounds N]
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from tests.fixtures.torchvision import offer_torchvision

_BATCH, _MINI_BATCH, _DIMS = 8, 4, (64, 16)
_LOGGED_EVERY = 10  # steps; what comes before the first line is warming up
_KILOBYTES_A_MEGABYTE = 1024


def main(
    steps: Annotated[int, typer.Option(help="Steps a side and round.")] = 60,
    rounds: Annotated[int, typer.Option(help="How often each side runs; the best counts.")] = 3,
    side: Annotated[str | None, typer.Option(help="Runs one side, in a process of its own.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where that side works.")] = None,
) -> None:
    """Compare steps a second and peak memory; the sides take turns, so that both meet the same machine."""
    if side is not None and folder is not None:
        typer.echo(json.dumps(_run(side, folder, steps)))
        return
    with tempfile.TemporaryDirectory(prefix="vdr-train-step-") as work:
        _make_inputs(Path(work))
        measured: dict[str, list[dict[str, float]]] = {"plain": [], "ours": []}
        for number in range(rounds):
            for name in ("plain", "ours") if number % 2 else ("ours", "plain"):
                measured[name].append(_measure(name, Path(work) / f"{name}-{number}", steps))
    best = {name: max(each, key=lambda one: one["steps_per_s"]) for name, each in measured.items()}
    ratio = best["ours"]["steps_per_s"] / best["plain"]["steps_per_s"]
    typer.echo(
        json.dumps(
            {"benchmark": "train_step", "steps": steps, "rounds": rounds, **best, "ratio": round(ratio, 3)}
        )
    )


def _make_inputs(work: Path) -> None:
    offer_torchvision()
    from tests.fixtures.pairs import write_pairs  # noqa: PLC0415 - after torchvision
    from tests.fixtures.tiny_qwen import tiny_qwen3_vl  # noqa: PLC0415 - after torchvision

    write_pairs(work / "pairs", documents=5, size=(256, 320))
    tiny_qwen3_vl(work / "model")


def _measure(name: str, folder: Path, steps: int) -> dict[str, float]:
    folder.mkdir()
    command = [sys.executable, "-m", "benchmarks.train_step", "--steps", str(steps)]
    command += ["--side", name, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def _run(side: str, folder: Path, steps: int) -> dict[str, float]:
    offer_torchvision()
    seconds = _ours(folder, steps) if side == "ours" else _plain(folder, steps)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "steps_per_s": round((steps - _LOGGED_EVERY) / seconds, 3),
        "peak_rss_mb": round(peak / _KILOBYTES_A_MEGABYTE),
    }


def _ours(folder: Path, steps: int) -> float:
    """Seconds from the first logged step to the last, of `vdr train embedder`."""
    from training.fit.config import EmbedderConfig, parse_config  # noqa: PLC0415 - after torchvision
    from training.fit.curves import read_metrics  # noqa: PLC0415 - after torchvision
    from training.fit.embedder import train_embedder  # noqa: PLC0415 - after torchvision
    from training.fit.run_folder import RunFolder  # noqa: PLC0415 - after torchvision

    told = {
        "run": {"folder": str(folder / "run")},
        "model": {"base": str(folder.parent / "model")},
        "data": {"pairs": str(folder.parent / "pairs"), "negatives": 1},
        "loss": {"mini_batch_size": _MINI_BATCH, "matryoshka": {"dims": list(_DIMS)}},
        "optimizer": {"batch_size": _BATCH, "learning_rate": 1e-4, "steps": steps},
        "evaluation": {"every_steps": steps},
    }
    train_embedder(parse_config(told, EmbedderConfig, "benchmark"), lambda _: None)
    at = [line["seconds"] for line in read_metrics(RunFolder(folder / "run").metrics) if "loss" in line]
    return at[-1] - at[0]


def _plain(folder: Path, steps: int) -> float:
    """The same seconds of a script as the library's documentation would have it."""
    from datasets import load_from_disk  # noqa: PLC0415 - after torchvision
    from sentence_transformers import (  # noqa: PLC0415 - after torchvision
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import (  # noqa: PLC0415 - after torchvision
        CachedMultipleNegativesRankingLoss,
        MatryoshkaLoss,
    )
    from transformers import PrinterCallback, TrainerCallback  # noqa: PLC0415 - after torchvision

    at: list[float] = []

    class Clock(TrainerCallback):
        def on_log(self, *_: Any, logs: dict[str, float] | None = None, **__: Any) -> None:  # noqa: ANN401
            if "loss" in (logs or {}):
                at.append(time.monotonic())

    model = SentenceTransformer(str(folder.parent / "model"), device="cpu")
    pages = load_from_disk(str(folder.parent / "pairs" / "pages"))
    place = {page_id: row for row, page_id in enumerate(pages["page_id"])}
    train = load_from_disk(str(folder.parent / "pairs" / "train"))
    rows = train.map(
        lambda row: {"positive": row["positive_id"], "negative": row["negative_ids"][0]},
        remove_columns=[name for name in train.column_names if name != "query"],
    )
    rows.set_transform(
        lambda batch: {
            "query": batch["query"],
            "positive": [pages[place[page_id]]["image"] for page_id in batch["positive"]],
            "negative": [pages[place[page_id]]["image"] for page_id in batch["negative"]],
        }
    )
    loss = MatryoshkaLoss(
        model, CachedMultipleNegativesRankingLoss(model, mini_batch_size=_MINI_BATCH), list(_DIMS)
    )
    arguments = SentenceTransformerTrainingArguments(
        output_dir=str(folder / "trainer"),
        per_device_train_batch_size=_BATCH,
        max_steps=steps,
        learning_rate=1e-4,
        logging_steps=_LOGGED_EVERY,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        dataloader_pin_memory=False,
        prompts={"query": model.prompts["query"] or ""},
    )
    trainer = SentenceTransformerTrainer(
        model=model, args=arguments, train_dataset=rows, loss=loss, callbacks=[Clock()]
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()
    return at[-1] - at[0]


if __name__ == "__main__":
    typer.run(main)

"""`train`: teaches the page reader to find lines and to read them, in stages, each resumable exactly."""

import argparse
import json
import math
import time
import tomllib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from pydantic import BaseModel, Field
from torch.nn import functional as F

from training.page_reader.batches import Batch, make_batch
from training.page_reader.pages import LINES_FILE, RENDERED, TrainingPage, read_pages
from vdr.page_reader import alphabet
from vdr.page_reader.reading import Reader

CHECKPOINT = "checkpoint.pt"
_HELD_OUT_SHARE = 0.06
_LOG_EVERY, _SAVE_EVERY = 20, 100
# Crops with hardly any text would otherwise outweigh all others.
_MIN_CORE_SHARE = 0.01


class TrainConfig(BaseModel, frozen=True, extra="forbid"):
    """One stage: how long and how hard; times in steps.

    The learning rate falls over `decay_steps`, or all of them. One step sees strips of `pages` pages and
    detector crops of `crops` of them, without any of which the detector stays as it is; a page is a rendered
    one with a chance of `rendered_share`, where that is set, else any.
    """

    steps: int = 2_500
    decay_steps: int | None = None
    rendered_share: float | None = Field(None, ge=0, le=1)
    pages: int = 6
    crops: int = 4
    strips_per_page: int = 26
    learning_rate: float = 2e-3
    warm_up: int = 60
    guess_until: int = 500
    weight_decay: float = 0.01
    detector_weight: float = 1.0
    seed: int = 1


def main() -> None:
    """Command line: `python -m training.page_reader.train DATA RUN [--config FILE] [--start RUN]`.

    Run again, it resumes. A stage starts from the weights of the run before it, or of a packaged reader.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--config", type=Path, help="TOML file with the configuration (TrainConfig)")
    parser.add_argument("--steps", type=int, help="number of steps, instead of the configuration's")
    parser.add_argument("--start", type=Path, help="run or packaged reader to take the initial weights from")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    told = tomllib.loads(options.config.read_text()) if options.config else {}
    if options.steps is not None:
        told["steps"] = options.steps
    train(options.data, options.run, TrainConfig(**told), options.start)


def train(data: Path, run: Path, config: TrainConfig, start: Path | None = None) -> Reader:
    """Trains from the last checkpoint in `run` to `config.steps`; returns the reader.

    If none exists yet, it starts from the weights of `start`, a run or a packaged reader, or from nothing.
    """
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    reader = Reader()
    if start is not None:
        reader.load_state_dict(weights_of(start))
    optimizer = torch.optim.AdamW(
        reader.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay, betas=(0.9, 0.98)
    )
    step = _resume(run, reader, optimizer)
    pages = [(page, folder) for page, folder in training_pages(data) if not is_held_out(page)]
    log = _Log(run / "metrics.jsonl")
    reader.train()
    for batch in _batches(pages, step, config):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, config)
        log.add(
            step,
            _step(
                reader, optimizer, batch, guess=max(0.0, 1 - step / max(config.guess_until, 1)), config=config
            ),
        )
        step += 1
        if step % _SAVE_EVERY == 0 or step == config.steps:
            _save(run, reader, optimizer, step)
    return reader.eval()


def weights_of(folder: Path) -> Mapping[str, torch.Tensor]:
    """The reader's weights in a run or a packaged reader."""
    if (folder / CHECKPOINT).exists():
        state: Mapping[str, torch.Tensor] = torch.load(folder / CHECKPOINT, weights_only=True)["reader"]
        return state
    # Processes that prepare pages import this file too, and need none of this, which takes seconds.
    from vdr.models.checkpoint import open_checkpoint  # noqa: PLC0415
    from vdr.page_reader.modules import PageImage  # noqa: PLC0415

    packaged = open_checkpoint(str(folder), "cpu")
    page_image = next(module for module in packaged.modules() if isinstance(module, PageImage))
    return page_image.reader.float().state_dict()


def _batches(pages: Sequence[tuple[TrainingPage, Path]], step: int, config: TrainConfig) -> Iterator[Batch]:
    """The batches from `step` on, each made while the one before is learned from."""
    rendered = [each for each in pages if each[0].source == RENDERED]
    real = [each for each in pages if each[0].source != RENDERED]

    def batch(number: int) -> Batch:
        rng = np.random.default_rng([config.seed, number])
        chosen = [_drawn(pages, real, rendered, rng, config.rendered_share) for _ in range(config.pages)]
        return make_batch(chosen, rng, crops=config.crops, strips_per_page=config.strips_per_page)

    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(batch, step)
        for number in range(step + 1, config.steps + 1):
            ready, coming = coming, ahead.submit(batch, number)
            yield ready.result()


def _drawn(
    pages: Sequence[tuple[TrainingPage, Path]],
    real: Sequence[tuple[TrainingPage, Path]],
    rendered: Sequence[tuple[TrainingPage, Path]],
    rng: np.random.Generator,
    rendered_share: float | None,
) -> tuple[TrainingPage, Path]:
    if rendered_share is not None and real and rendered:
        pages = rendered if rng.random() < rendered_share else real
    return pages[int(rng.integers(len(pages)))]


def training_pages(data: Path) -> Iterator[tuple[TrainingPage, Path]]:
    """Every prepared page and the folder it lies in, in a fixed order."""
    for lines_file in sorted(data.rglob(LINES_FILE)):
        for page in read_pages(lines_file.parent):
            yield page, lines_file.parent


def is_held_out(page: TrainingPage) -> bool:
    """Some documents, chosen by the hash of their name, are kept for measuring."""
    return page.source != RENDERED and zlib.crc32(page.source.encode()) % 1000 < 1000 * _HELD_OUT_SHARE


def learning_rate(step: int, config: TrainConfig) -> float:
    """Linear warm-up, then a cosine down to 2 % of the peak."""
    if step < config.warm_up:
        return config.learning_rate * (step + 1) / config.warm_up
    last = config.decay_steps or config.steps
    progress = min((step - config.warm_up) / max(last - config.warm_up, 1), 1.0)
    return config.learning_rate * (0.02 + 0.98 * (1 + math.cos(math.pi * progress)) / 2)


def _step(
    reader: Reader, optimizer: torch.optim.Optimizer, batch: Batch, guess: float, config: TrainConfig
) -> dict[str, float]:
    detector_loss = _detector_loss(reader, batch) if len(batch.crops) else torch.zeros(())
    reading_loss, guess_loss = _reading_losses(reader, batch)
    loss = config.detector_weight * detector_loss + reading_loss + guess * guess_loss
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(reader.parameters(), 2.0)
    optimizer.step()
    return {"detector": detector_loss.item(), "reading": reading_loss.item(), "guess": guess_loss.item()}


def _detector_loss(reader: Reader, batch: Batch) -> torch.Tensor:
    core, offset, log_height, weight = batch.maps.unbind(2)  # (pages, 2, rows, columns)
    predicted, at, height = reader.detector(batch.crops).unflatten(1, (2, 3)).unbind(2)
    found = F.binary_cross_entropy_with_logits(predicted, core, weight, reduction="none")
    on_text = core.sum().clamp(min=_MIN_CORE_SHARE * core.numel())
    placed = F.smooth_l1_loss(at, offset, reduction="none") + F.smooth_l1_loss(
        height, log_height, reduction="none"
    )
    return found.sum() / (2 * on_text) + (placed * core).sum() / on_text


def _reading_losses(reader: Reader, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """CTC loss a character, and cross-entropy at the frames where characters are guessed to stand."""
    logits = reader.recognizer(batch.tape[None])[0]
    longest = max(b - a for a, b in batch.frames)
    rows = torch.tensor([[min(a + t, b - 1) for t in range(longest)] for a, b in batch.frames])
    log_p = F.log_softmax(logits, -1)[rows].transpose(0, 1)  # (longest, strips, SIZE)
    classes = torch.tensor([c for target in batch.targets for c in target.classes])
    lengths = torch.tensor([len(target.classes) for target in batch.targets])
    frames = torch.tensor([b - a for a, b in batch.frames])
    ctc = (
        F.ctc_loss(log_p, classes, frames, lengths, alphabet.BLANK, "sum", zero_infinity=True) / lengths.sum()
    )
    spans = zip(batch.frames, batch.targets, strict=True)
    at = torch.tensor([(a + frame, c) for (a, _), target in spans for frame, c in target.guesses])
    return ctc, F.cross_entropy(logits[at[:, 0]], at[:, 1])


def _save(run: Path, reader: Reader, optimizer: torch.optim.Optimizer, step: int) -> None:
    state = {"reader": reader.state_dict(), "optimizer": optimizer.state_dict(), "step": step}
    torch.save(state, run / f"{CHECKPOINT}.new")
    (run / f"{CHECKPOINT}.new").replace(run / CHECKPOINT)


def _resume(run: Path, reader: Reader, optimizer: torch.optim.Optimizer) -> int:
    if not (run / CHECKPOINT).exists():
        return 0
    state = torch.load(run / CHECKPOINT, weights_only=True)
    reader.load_state_dict(state["reader"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])


class _Log:
    """Averages of the losses every few steps, on the screen and as JSON lines."""

    def __init__(self, path: Path) -> None:
        self._path, self._sums, self._count, self._since = path, dict[str, float](), 0, time.monotonic()

    def add(self, step: int, losses: dict[str, float]) -> None:
        self._count += 1
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        if (step + 1) % _LOG_EVERY:
            return
        seconds = (time.monotonic() - self._since) / self._count
        line = {name: round(value / self._count, 4) for name, value in self._sums.items()}
        text = json.dumps({"step": step + 1, **line, "s_per_step": round(seconds, 2)})
        print(text, flush=True)
        with self._path.open("a") as file:
            file.write(text + "\n")
        self._sums, self._count, self._since = {}, 0, time.monotonic()


if __name__ == "__main__":
    main()

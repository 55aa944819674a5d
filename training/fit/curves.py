"""Draws what was measured over the steps of a run."""

import json
from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

Line = dict[str, float]


def read_metrics(path: Path) -> list[Line]:
    """The lines of a metrics file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


_QUALITY = "eval_ndcg@10"


def draw_curves(metrics: Sequence[Line], path: Path) -> None:
    """Loss and nDCG@10 over the steps, as a PNG; draws none where nothing was measured."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    loss, quality = figure.subplots(1, 2)
    loss.set(title="Loss", xlabel="step")
    loss.plot(*_series(metrics, "loss"), color="#1f5fa8")
    quality.set(title="nDCG@10 on documents held out", xlabel="step")
    for name in _dimensions(metrics) or [_QUALITY]:
        quality.plot(*_series(metrics, name), marker="o", markersize=3, label=name.rpartition("_")[2])
    if _dimensions(metrics):
        outside = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}
        quality.legend(title="dimensions", frameon=False, fontsize=8, title_fontsize=8, **outside)
    for axes in (loss, quality):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130)


def _dimensions(metrics: Sequence[Line]) -> list[str]:
    names = {name for line in metrics for name in line if name.startswith(f"{_QUALITY}_")}
    return sorted(names, key=lambda name: -int(name.rpartition("_")[2]))


def _series(metrics: Sequence[Line], name: str) -> tuple[list[float], list[float]]:
    found = [(line["step"], line[name]) for line in metrics if name in line]
    return [step for step, _ in found], [value for _, value in found]

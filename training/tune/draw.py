"""Draws the plans of a tuning: quality against time, the front as a line."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.tune.tuning import Tuning

_OTHER, _FRONT, _RECOMMENDED = "#8a8f98", "#1f5fa8", "#c2410c"
_NEAR = 0.04  # of the picture


def draw_front(tuning: Tuning, path: Path) -> None:
    """Write a PNG with every plan, how far it may be from what is served, and which one is recommended."""
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots()
    rows = tuning.rows
    front = [rows[place] for place in tuning.front]
    times, qualities = [each.latency.p50 for each in front], [each.quality.mean for each in front]
    axes.plot(times, qualities, color=_FRONT, linewidth=1)
    for place in range(len(rows)):
        _draw_plan(axes, tuning, place)
    _draw_numbers(axes, tuning)
    axes.set(xlabel="search, p50 in milliseconds", ylabel=f"nDCG@10 of {tuning.reported_on} questions")
    axes.set_title("No plan is both better and quicker than those in blue", loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12, y=0.12)
    _draw_key(axes, tuning)
    figure.savefig(path, dpi=130, format="png")


def _draw_plan(axes: Axes, tuning: Tuning, place: int) -> None:
    row, served = tuning.rows[place], tuning.rows[tuning.served]
    x, y, colour = row.latency.p50, row.quality.mean, _colour(tuning, place)
    between = [served.quality.mean + row.gain.low, served.quality.mean + row.gain.high]
    axes.plot([x, x], between, color="#d5d8dd", linewidth=1, zorder=0)
    axes.plot(x, y, "o", color=colour, markersize=5)
    if place == tuning.served:
        axes.plot(x, y, "s", markersize=13, fillstyle="none", color="#111111")
    if place == tuning.recommended:
        axes.plot(x, y, "o", markersize=20, fillstyle="none", color=_RECOMMENDED)


def _draw_numbers(axes: Axes, tuning: Tuning) -> None:
    """Beside each plan its number; of those that are next to each other one above the other."""
    rows = tuning.rows
    wide = max(row.latency.p50 for row in rows) - min(row.latency.p50 for row in rows)
    high = max(row.quality.mean for row in rows) - min(row.quality.mean for row in rows)
    placed: list[tuple[float, float]] = []
    for place in sorted(range(len(rows)), key=lambda n: rows[n].latency.p50):
        x, y = rows[place].latency.p50, rows[place].quality.mean
        level = sum(abs(x - a) <= _NEAR * wide and abs(y - b) <= _NEAR * high for a, b in placed)
        placed.append((x, y))
        where = (6, 5 + 10 * level)
        colour = _colour(tuning, place)
        axes.annotate(
            f"{place + 1}", (x, y), xytext=where, textcoords="offset points", fontsize=8, color=colour
        )


def _colour(tuning: Tuning, place: int) -> str:
    return _FRONT if place in tuning.front else _OTHER


def _draw_key(axes: Axes, tuning: Tuning) -> None:
    """The plans by the numbers that they have in the picture."""
    lines = [f"{place:2}  {row.shape}" for place, row in enumerate(tuning.rows, start=1)]
    lines += ["", "square: served now;  circle: recommended", "lines: 95 % of the difference to now"]
    where = axes.transAxes
    axes.text(1.02, 1.0, "\n".join(lines), fontsize=8, va="top", ha="left", transform=where)

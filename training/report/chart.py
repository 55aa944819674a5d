"""Draws quality against bytes a page, as SVG that a page of HTML can hold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log2

from training.fit.result import Score
from training.report.facts import Dimension

# As narrow as a phone, where it is drawn at its own size: letters made smaller could not be read.
_WIDTH, _HEIGHT = 440, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 26, 18, 52
_STEPS = (0.02, 0.05, 0.1, 0.25)  # between the lines of the grid; at most five fit
_MOST_LINES = 5

Pixels = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Axes:
    """Where bytes and quality are on the picture, and at which qualities it has lines."""

    x: Pixels
    y: Pixels
    lines: Sequence[float]


def quality_by_bytes(dimensions: Sequence[Dimension]) -> str:
    """An SVG with a line and its interval for the base and for the tuned model, and what each point keeps.

    Bytes grow by doublings to the right.
    """
    axes = _axes(dimensions)
    base = [(axes.x(each.bytes_float16), each.base) for each in dimensions]
    tuned = [(axes.x(each.bytes_float16), each.tuned) for each in dimensions]
    parts = [
        *_grid(axes),
        *(_band(name, points, axes) for name, points in (("base", base), ("tuned", tuned))),
    ]
    parts += [_line("base", base, axes), _line("tuned", tuned, axes)]
    parts += [label for each in dimensions for label in (*_kept(each, axes), *_below(each, axes))]
    parts.append(_text(_WIDTH / 2, _HEIGHT - 4, "bytes per page in float16, and dimensions"))
    label = "nDCG@10 over all pages by bytes per page, base and fine-tuned"
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def grid_lines(low: float, high: float) -> list[float]:
    """Round numbers from below `low` to above `high`, few enough to be distinguished."""
    step = next((step for step in _STEPS if high - low <= (_MOST_LINES - 1) * step), _STEPS[-1])
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    return [round(step * place, 4) for place in range(first, max(last, first + 1) + 1)]


def _axes(dimensions: Sequence[Dimension]) -> _Axes:
    scores = [score for each in dimensions for score in (each.base, each.tuned)]
    lines = grid_lines(min(score.low for score in scores), max(score.high for score in scores))
    sizes = [log2(each.bytes_float16) for each in dimensions]
    x = _scale(min(sizes), max(sizes), _LEFT + _RIGHT, _WIDTH - _RIGHT)
    return _Axes(lambda size: x(log2(size)), _scale(lines[0], lines[-1], _HEIGHT - _BOTTOM, _TOP), lines)


def _scale(least: float, most: float, start: float, end: float) -> Pixels:
    """Takes `least` to `start` and `most` to `end`; a scale of one value has it in the middle."""
    if least == most:
        return lambda _: (start + end) / 2
    return lambda value: start + (value - least) / (most - least) * (end - start)


def _grid(axes: _Axes) -> list[str]:
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{axes.y(value):.1f}" y2="{axes.y(value):.1f}"/>'
        + _text(_LEFT - 7, axes.y(value) + 4, f"{value:.2f}", anchor="end")
        for value in axes.lines
    ]


def _band(name: str, points: Sequence[tuple[float, Score]], axes: _Axes) -> str:
    around = [(x, score.high) for x, score in points] + [(x, score.low) for x, score in reversed(points)]
    return f'<polygon class="{name}" points="{_path(around, axes)}"/>'


def _line(name: str, points: Sequence[tuple[float, Score]], axes: _Axes) -> str:
    means = [(x, score.mean) for x, score in points]
    dots = "".join(
        f'<circle class="{name}" cx="{x:.1f}" cy="{axes.y(mean):.1f}" r="3.5"/>' for x, mean in means
    )
    return f'<polyline class="{name}" points="{_path(means, axes)}"/>{dots}'


def _path(points: Sequence[tuple[float, float]], axes: _Axes) -> str:
    return " ".join(f"{x:.1f},{axes.y(value):.1f}" for x, value in points)


def _kept(each: Dimension, axes: _Axes) -> list[str]:
    """What the tuned and the base model keep, above the better point and below the other."""
    is_above = each.tuned.mean >= each.base.mean
    return [
        _text(
            axes.x(each.bytes_float16),
            axes.y(score.mean) + (-9 if above else 18),
            f"{100 * kept:.0f} %",
            name,
        )
        for name, score, kept, above in (
            ("base", each.base, each.base_kept, not is_above),
            ("tuned", each.tuned, each.tuned_kept, is_above),
        )
    ]


def _below(each: Dimension, axes: _Axes) -> list[str]:
    x = axes.x(each.bytes_float16)
    return [
        _text(x, _HEIGHT - _BOTTOM + 17, f"{each.bytes_float16:,}"),
        _text(x, _HEIGHT - _BOTTOM + 32, f"{each.dims:,} d"),
    ]


def _text(x: float, y: float, said: str, name: str = "axis", anchor: str = "middle") -> str:
    return f'<text class="{name}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{said}</text>'

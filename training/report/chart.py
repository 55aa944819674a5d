"""Draws quality against bytes a page, as SVG that a page of HTML can hold."""

from collections.abc import Sequence
from math import log2

from training.report.facts import Dimension

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 16, 14, 40


def quality_by_bytes(dimensions: Sequence[Dimension]) -> str:
    """An SVG with a line for the base and one for the tuned model; bytes grow by doublings to the right."""
    sizes = [log2(each.bytes_float16) for each in dimensions]
    least, most = min(sizes), max(sizes)

    def x(size: float) -> float:
        return _LEFT + (size - least) / max(most - least, 1e-9) * (_WIDTH - _LEFT - _RIGHT)

    lines = [_line("base", [(x(s), _y(d.base)) for s, d in zip(sizes, dimensions, strict=True)])]
    lines += [_line("tuned", [(x(s), _y(d.tuned)) for s, d in zip(sizes, dimensions, strict=True)])]
    labels = [
        f'<text x="{x(s):.1f}" y="{_HEIGHT - 18}" text-anchor="middle">{d.bytes_float16:,}</text>'
        for s, d in zip(sizes, dimensions, strict=True)
    ]
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="nDCG@10 by bytes a page">'
        + "".join([*_grid(), *lines, *labels])
        + f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 2}" text-anchor="middle">bytes a page (float16)</text></svg>'
    )


def _y(value: float) -> float:
    return _TOP + (1 - value) * (_HEIGHT - _TOP - _BOTTOM)


def _grid() -> list[str]:
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{_y(v):.1f}" y2="{_y(v):.1f}"/>'
        f'<text x="{_LEFT - 8}" y="{_y(v) + 4:.1f}" text-anchor="end">{v:g}</text>'
        for v in (0, 0.25, 0.5, 0.75, 1)
    ]


def _line(name: str, points: Sequence[tuple[float, float]]) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points)
    return f'<polyline class="{name}" points="{path}"/>{dots}'

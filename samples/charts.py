"""Charts: bars, lines, dots and pies on any surface: one chart can be ink, the next only pixels."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from training.drawing.shapes import circle, rectangle, rule, wedge
from training.drawing.surface import PALE, WHITE, Colour, Frame, Point, Style, Surface, colour
from training.drawing.typesetting import write, write_fitting

CATEGORICAL = tuple(
    colour(code) for code in ("#1f5f8b", "#e07a3f", "#3a9d78", "#c9a227", "#8b5fa8", "#b8475a", "#5c6b7a")
)


@dataclass(frozen=True, slots=True)
class Series:
    """A name and its numbers, one a category."""

    name: str
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class ChartLook:
    """Title, axis caption, colours and type; `label` turns a value into the words beside its mark."""

    title: str = ""
    axis: str = ""
    colours: Sequence[Colour] = CATEGORICAL
    style: Style = field(default_factory=lambda: Style("sans", 8))
    label: Callable[[float], str] | None = None
    floor: float = 0.0
    line: Colour = PALE

    def shade(self, number: int) -> Colour:
        """The colour of a series, row or slice; they begin again where there are too few."""
        return self.colours[number % len(self.colours)]


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    step: float
    plot: Frame

    def y(self, value: float) -> float:
        return self.plot.bottom - (value - self.low) / (self.high - self.low) * self.plot.height

    @property
    def ticks(self) -> list[float]:
        return [self.low + self.step * i for i in range(round((self.high - self.low) / self.step) + 1)]


def bar_chart(
    surface: Surface, frame: Frame, categories: Sequence[str], series: Sequence[Series], look: ChartLook
) -> None:
    """Draw upright bars, those of several series side by side."""
    scale = _axes(surface, frame, categories, [v for s in series for v in s.values], series, look)
    slot = scale.plot.width / len(categories)
    width = slot * 0.72 / len(series)
    for number, one in enumerate(series):
        for place, value in enumerate(one.values):
            x = scale.plot.x + slot * (place + 0.14) + width * number
            top, bottom = sorted((scale.y(value), scale.y(max(0.0, scale.low))))
            shade = look.shade(number)
            rectangle(surface, Frame(x, top, width * 0.94, max(0.4, bottom - top)), shade)
            _value(surface, (x + width * 0.47, top - 3), value, look)


def stacked_chart(
    surface: Surface, frame: Frame, categories: Sequence[str], series: Sequence[Series], look: ChartLook
) -> None:
    """Draw upright bars, the series on top of each other."""
    sums = [sum(values) for values in zip(*(s.values for s in series), strict=True)]
    scale = _axes(surface, frame, categories, sums, series, look)
    slot = scale.plot.width / len(categories)
    for place in range(len(categories)):
        level = 0.0
        for number, one in enumerate(series):
            top = scale.y(level + one.values[place])
            box = Frame(scale.plot.x + slot * (place + 0.2), top, slot * 0.6, scale.y(level) - top)
            rectangle(surface, box, look.shade(number))
            level += one.values[place]
        _value(surface, (scale.plot.x + slot * (place + 0.5), scale.y(level) - 3), level, look)


def line_chart(
    surface: Surface, frame: Frame, categories: Sequence[str], series: Sequence[Series], look: ChartLook
) -> None:
    """Draw a line with dots for each series over evenly spaced categories."""
    scale = _axes(surface, frame, categories, [v for s in series for v in s.values], series, look)
    slot = scale.plot.width / len(categories)
    for number, one in enumerate(series):
        shade = look.shade(number)
        points = [(scale.plot.x + slot * (i + 0.5), scale.y(v)) for i, v in enumerate(one.values)]
        surface.polyline(points, shade, look.style.size / 5)
        for place, (x, y) in enumerate(points):
            circle(surface, (x, y), look.style.size * 0.3, shade, WHITE, 0.6)
            aside, above = _beside(one.values, place)
            half = surface.text_width(_words(one.values[place], look), look.style) / 2
            middle = min(x + aside * look.style.size, frame.right - half)
            _value(surface, (middle, y - above * look.style.size), one.values[place], look)


def row_chart(surface: Surface, frame: Frame, rows: Sequence[tuple[str, float]], look: ChartLook) -> None:
    """Draw lying bars with their names on the left and their values on the right."""
    plot = _title(surface, frame, look)
    names = max(surface.text_width(name, look.style) for name, _ in rows) + 8
    values = max(surface.text_width(_words(value, look), look.style) for _, value in rows) + 8
    length = (plot.width - names - values) / max(value for _, value in rows)
    slot = plot.height / len(rows)
    for number, (name, value) in enumerate(rows):
        y = plot.y + slot * number
        write(surface, plot.x + names - 6, y + slot * 0.5 + look.style.size * 0.35, name, look.style, "right")
        shade = look.shade(number)
        rectangle(surface, Frame(plot.x + names, y + slot * 0.16, length * value, slot * 0.68), shade)
        end = plot.x + names + length * value + 4
        write(surface, end, y + slot * 0.5 + look.style.size * 0.35, _words(value, look), look.style)


def pie_chart(
    surface: Surface, frame: Frame, slices: Sequence[tuple[str, float]], look: ChartLook, hole: float = 0.0
) -> None:
    """Draw a pie, or a ring (`hole` over 0), with a legend that names each slice and its value."""
    plot = _title(surface, frame, look)
    radius = min(plot.height, plot.width * 0.5) / 2
    centre = (plot.x + radius, plot.y + plot.height / 2)
    whole, start = sum(value for _, value in slices), 0.0
    for number, (_, value) in enumerate(slices):
        end = start + 360 * value / whole
        wedge(surface, centre, radius, start, end, look.shade(number), radius * hole)
        start = end
    entries = [f"{name}  {_words(value, look)}" for name, value in slices]
    _pie_legend(
        surface,
        Frame(plot.x + 2 * radius + 14, plot.y, plot.width - 2 * radius - 14, plot.height),
        entries,
        look,
    )


def scatter_chart(
    surface: Surface,
    frame: Frame,
    groups: Sequence[tuple[str, Sequence[Point]]],
    horizontal: tuple[str, Sequence[float]],
    look: ChartLook,
) -> None:
    """Draw dots by two numbers; `horizontal` is the caption and the ticks of the lower axis."""
    series = [Series(name, [y for _, y in points]) for name, points in groups]
    caption, ticks = horizontal
    upper = Frame(frame.x, frame.y, frame.width, frame.height - look.style.size * 1.5)
    scale = _axes(surface, upper, [""], [v for s in series for v in s.values], series, look)

    def x_of(value: float) -> float:
        return scale.plot.x + (value - ticks[0]) / (ticks[-1] - ticks[0]) * scale.plot.width

    for tick in ticks:
        write(
            surface,
            x_of(tick),
            scale.plot.bottom + look.style.size * 1.4,
            _number(tick),
            look.style,
            "center",
        )
    write(surface, scale.plot.middle[0], frame.bottom, caption, look.style, "center")
    for number, (_, points) in enumerate(groups):
        for x, y in points:
            circle(surface, (x_of(x), scale.y(y)), look.style.size * 0.26, look.shade(number))


def _beside(values: Sequence[float], place: int) -> Point:
    """How far a value's words stand off its dot, in sizes of type: beside the line, not on it."""
    slope = values[place] - values[max(0, place - 1)]
    rises_after = values[min(place + 1, len(values) - 1)] > values[place]
    if slope < 0 and rises_after:
        return 0, -1.5
    return 1.4 * ((slope < 0) - (slope > 0)), 1.0 if slope else 0.7


def _axes(
    surface: Surface,
    frame: Frame,
    categories: Sequence[str],
    values: Sequence[float],
    series: Sequence[Series],
    look: ChartLook,
) -> _Scale:
    plot = _title(surface, frame, look)
    if len(series) > 1:
        _legend(surface, plot, [one.name for one in series], look)
        plot = plot.inset(0, look.style.size * 1.9, 0, 0)
    headroom = 1.06 if look.label else 1.0
    low, high, step = _nice(min(look.floor, *values), max(values) * headroom)
    names = max(surface.text_width(_number(tick), look.style) for tick in (low, high, low + step)) + 6
    scale = _Scale(low, high, step, plot.inset(names, look.style.size * 0.5, 2, look.style.size * 1.8))
    for tick in scale.ticks:
        rule(surface, scale.plot.x, scale.y(tick), scale.plot.right, look.line, 0.5)
        write(
            surface,
            scale.plot.x - 4,
            scale.y(tick) + look.style.size * 0.35,
            _number(tick),
            look.style,
            "right",
        )
    rule(surface, scale.plot.x, scale.y(max(0.0, low)), scale.plot.right, look.style.colour, 0.8)
    _category_names(surface, scale.plot, categories, look)
    return scale


def _category_names(surface: Surface, plot: Frame, categories: Sequence[str], look: ChartLook) -> None:
    slot = plot.width / len(categories)
    for number, name in enumerate(categories):
        x = plot.x + slot * (number + 0.5)
        write_fitting(
            surface, x, plot.bottom + look.style.size * 1.4, name, look.style, slot * 0.98, "center"
        )


def _title(surface: Surface, frame: Frame, look: ChartLook) -> Frame:
    y = frame.y
    if look.title:
        title = look.style.sized(look.style.size * 1.25).in_bold()
        write_fitting(surface, frame.x, y + title.size, look.title, title, frame.width)
        y += title.size * 1.6
    if look.axis:
        write_fitting(surface, frame.x, y + look.style.size, look.axis, look.style.in_italic(), frame.width)
        y += look.style.size * 1.7
    return Frame(frame.x, y, frame.width, frame.bottom - y)


def _legend(surface: Surface, plot: Frame, names: Sequence[str], look: ChartLook) -> None:
    x, size = plot.x, look.style.size
    for number, name in enumerate(names):
        rectangle(surface, Frame(x, plot.y + size * 0.25, size * 0.8, size * 0.8), look.shade(number))
        write(surface, x + size * 1.2, plot.y + size, name, look.style)
        x += surface.text_width(name, look.style) + size * 2.6


def _pie_legend(surface: Surface, frame: Frame, entries: Sequence[str], look: ChartLook) -> None:
    size = look.style.size
    step = min(size * 1.9, frame.height / len(entries))
    y = frame.y + (frame.height - step * len(entries)) / 2
    for number, entry in enumerate(entries):
        rectangle(surface, Frame(frame.x, y + size * 0.2, size * 0.9, size * 0.9), look.shade(number))
        write_fitting(surface, frame.x + size * 1.4, y + size, entry, look.style, frame.width - size * 1.4)
        y += step


def _value(surface: Surface, at: Point, value: float, look: ChartLook) -> None:
    if look.label is not None:
        write(surface, *at, look.label(value), look.style.sized(look.style.size * 0.9), "center")


def _words(value: float, look: ChartLook) -> str:
    return look.label(value) if look.label else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value - round(value)) < 1e-9 else f"{value:,.6g}"


def _nice(low: float, high: float) -> tuple[float, float, float]:
    """Round axis ends and a step of 1, 2, 2.5 or 5 times a power of ten, for about five ticks."""
    rough = (high - low or 1.0) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step - 1e-9) * step, step

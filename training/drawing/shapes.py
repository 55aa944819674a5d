"""Rectangles, circles, arrows and call-outs, made of the polygons and lines that every surface draws."""

import math

from training.drawing.surface import INK, WHITE, Colour, Frame, Paint, Point, Points, Style, Surface

_CORNER_STEPS = 6


def rectangle(
    surface: Surface,
    frame: Frame,
    fill: Paint = None,
    stroke: Paint = None,
    width: float = 1.0,
    radius: float = 0.0,
) -> None:
    """Draw a rectangle, its corners rounded by `radius`."""
    if radius == 0:
        corners = [
            (frame.x, frame.y),
            (frame.right, frame.y),
            (frame.right, frame.bottom),
            (frame.x, frame.bottom),
        ]
    else:
        corners = _rounded(frame, radius)
    surface.polygon(corners, fill, stroke, width)


def circle(
    surface: Surface,
    centre: Point,
    radius: float,
    fill: Paint = None,
    stroke: Paint = None,
    width: float = 1.0,
) -> None:
    """Draw a circle."""
    surface.polygon(arc(centre, radius, 0, 360)[:-1], fill, stroke, width)


def ellipse(
    surface: Surface, frame: Frame, fill: Paint = None, stroke: Paint = None, width: float = 1.0
) -> None:
    """Draw the ellipse that fills the frame."""
    cx, cy = frame.middle
    unit = arc((0, 0), 1, 0, 360)[:-1]
    surface.polygon(
        [(cx + x * frame.width / 2, cy + y * frame.height / 2) for x, y in unit], fill, stroke, width
    )


def wedge(
    surface: Surface, centre: Point, radius: float, start: float, end: float, fill: Colour, inner: float = 0.0
) -> None:
    """Draw a slice of a pie, or of a ring (`inner` over 0); degrees run clockwise from noon."""
    outside = arc(centre, radius, start, end)
    inside = arc(centre, inner, start, end)[::-1] if inner else [centre]
    surface.polygon([*outside, *inside], fill, WHITE, 1)


def arc(centre: Point, radius: float, start: float, end: float) -> list[Point]:
    """Points along an arc, degrees clockwise from noon."""
    steps = max(2, round(abs(end - start) / 5))
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(centre[0] + radius * math.sin(a), centre[1] - radius * math.cos(a)) for a in angles]


def rule(surface: Surface, x0: float, y: float, x1: float, stroke: Colour = INK, width: float = 0.6) -> None:
    """Draw a horizontal line."""
    surface.polyline([(x0, y), (x1, y)], stroke, width)


def dashed(
    surface: Surface, start: Point, end: Point, stroke: Colour, width: float = 0.6, dash: float = 3.0
) -> None:
    """Draw a dashed straight line."""
    length = math.dist(start, end)
    count = max(1, int(length / (2 * dash)))
    for i in range(count):
        first, last = _along(start, end, i / count), _along(start, end, (i + 0.5) / count)
        surface.polyline([first, last], stroke, width)


def arrow(
    surface: Surface, start: Point, end: Point, stroke: Colour = INK, width: float = 1.0, head: float = 6.0
) -> None:
    """Draw an arrow."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    back = (end[0] - 0.8 * head * math.cos(angle), end[1] - 0.8 * head * math.sin(angle))
    surface.polyline([start, back], stroke, width)
    wings = [
        (end[0] - head * math.cos(angle + turn), end[1] - head * math.sin(angle + turn))
        for turn in (0.4, -0.4)
    ]
    surface.polygon([end, *wings], stroke)


def double_arrow(
    surface: Surface, start: Point, end: Point, stroke: Colour = INK, width: float = 0.7
) -> None:
    """Draw a line with a head at both ends, as for a dimension."""
    middle = _along(start, end, 0.5)
    arrow(surface, middle, start, stroke, width, head=5)
    arrow(surface, middle, end, stroke, width, head=5)


def call_out(surface: Surface, at: Point, label_at: Point, label: str, style: Style, badge: Colour) -> None:
    """Draw a line from a part of a drawing to a numbered or lettered badge."""
    surface.polyline([at, label_at], badge, 0.8)
    circle(surface, at, 1.6, badge)
    circle(surface, label_at, style.size * 0.9, badge)
    width = surface.text_width(label, style)
    surface.text(label_at[0] - width / 2, label_at[1] + style.size * 0.35, label, style)


def smooth(points: Points, steps: int = 8) -> list[Point]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        curve += [_catmull_rom(p0, p1, p2, p3, i / steps) for i in range(steps)]
    return [*curve, points[-1]]


def _catmull_rom(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
        )

    return axis(p0[0], p1[0], p2[0], p3[0]), axis(p0[1], p1[1], p2[1], p3[1])


def _along(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _rounded(frame: Frame, radius: float) -> list[Point]:
    inner = frame.inset(radius, radius, radius, radius)
    centres = [
        (inner.right, inner.y),
        (inner.right, inner.bottom),
        (inner.x, inner.bottom),
        (inner.x, inner.y),
    ]
    return [
        (cx + radius * math.sin(angle), cy - radius * math.cos(angle))
        for quarter, (cx, cy) in enumerate(centres)
        for angle in (math.pi / 2 * (quarter + i / _CORNER_STEPS) for i in range(_CORNER_STEPS + 1))
    ]

"""Typesetting: lines, paragraphs and columns of text, with `**bold**` and `_italic_` words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.drawing.surface import Frame, Style, Surface

Align = Literal["left", "right", "center", "justify"]
Fragment = tuple[str, Style]

_MARKS = re.compile(r"(\*\*|(?<!\w)_|_(?!\w))")


@dataclass(frozen=True, slots=True)
class _Line:
    words: tuple[tuple[Fragment, ...], ...]
    is_last: bool


def write(surface: Surface, x: float, y: float, text: str, style: Style, align: Align = "left") -> None:
    """Write one line on the baseline `y`, beginning, ending or centred at `x`."""
    text = _printed(text, style)
    shift = {"left": 0.0, "justify": 0.0, "center": 0.5, "right": 1.0}[align]
    surface.text(x - shift * surface.text_width(text, style), y, text, style)


def write_fitting(
    surface: Surface, x: float, y: float, text: str, style: Style, width: float, align: Align = "left"
) -> None:
    """Write one line, smaller where it would be wider than `width`."""
    natural = surface.text_width(_printed(text, style), style)
    write(
        surface, x, y, text, style if natural <= width else style.sized(style.size * width / natural), align
    )


def paragraph(
    surface: Surface, x: float, y: float, width: float, text: str, style: Style, align: Align = "left"
) -> float:
    """Set a paragraph whose first line's top is `y`; returns the `y` below its last line."""
    for line in _wrap(surface, text, style, width):
        _set_line(surface, x, y + style.size * 0.95, width, line, align)
        y += style.line_height
    return y


def line_count(surface: Surface, text: str, style: Style, width: float) -> int:
    """Lines a paragraph would take."""
    return len(_wrap(surface, text, style, width))


def polished(text: str) -> str:
    """The text with a printer's quotes and dashes for the keyboard's."""
    text = re.sub(r'(^|[\s(])"', "\\1\N{LEFT DOUBLE QUOTATION MARK}", text).replace(
        '"', "\N{RIGHT DOUBLE QUOTATION MARK}"
    )
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}").replace(" - ", " \N{EN DASH} ")


class Column:
    """A place that fills from the top: each call sets something and moves `y` below it."""

    def __init__(self, surface: Surface, frame: Frame, body: Style, align: Align = "left") -> None:
        self.surface = surface
        self.frame = frame
        self.body = body
        self.align = align
        self.y = frame.y

    @property
    def has_room(self) -> bool:
        """Whether everything so far stands within the frame."""
        return self.y <= self.frame.bottom + 1

    def gap(self, points: float) -> None:
        """Leave some room."""
        self.y += points

    def paragraph(self, text: str, style: Style | None = None, after: float = 6) -> None:
        """Set a paragraph in the body style or another."""
        style = style or self.body
        self.y = (
            paragraph(self.surface, self.frame.x, self.y, self.frame.width, text, style, self.align) + after
        )

    def paragraphs(self, *texts: str, after: float = 6) -> None:
        """Set paragraphs in the body style."""
        for text in texts:
            self.paragraph(text, after=after)

    def heading(self, text: str, style: Style, before: float = 8, after: float = 4) -> None:
        """Set a heading; never justified."""
        self.y += before
        self.y = paragraph(self.surface, self.frame.x, self.y, self.frame.width, text, style) + after

    def items(self, *texts: str, marks: Sequence[str] = (), after: float = 3) -> None:
        """Set a list, each item behind its mark (bullets if none are given)."""
        indent = self.body.size * 1.5
        for text, mark in zip(texts, marks or ["\N{BULLET}"] * len(texts), strict=False):
            write(self.surface, self.frame.x, self.y + self.body.size * 0.95, mark, self.body)
            inside = (self.frame.x + indent, self.y, self.frame.width - indent)
            self.y = paragraph(self.surface, *inside, text, self.body, self.align) + after
        self.y += after

    def steps(self, *texts: str) -> None:
        """Set a numbered list."""
        self.items(*texts, marks=[f"{number}." for number in range(1, len(texts) + 1)])


def _printed(text: str, style: Style) -> str:
    return text if style.is_plain else polished(text)


def _wrap(surface: Surface, text: str, style: Style, width: float) -> list[_Line]:
    lines: list[list[tuple[Fragment, ...]]] = [[]]
    space, used = surface.text_width(" ", style), 0.0
    for word in _words(_printed(text, style), style):
        size = _width(surface, word)
        if lines[-1] and used + space + size > width:
            lines.append([])
            used = -space
        lines[-1].append(word)
        used += space + size
    return [_Line(tuple(line), number == len(lines)) for number, line in enumerate(lines, 1)]


def _words(text: str, style: Style) -> list[tuple[Fragment, ...]]:
    words: list[list[Fragment]] = [[]]
    current = style
    for piece in [text] if style.is_plain else _MARKS.split(text):
        if piece == "**":
            current = style if current.bold and not style.bold else style.in_bold()
        elif piece == "_":
            current = style if current.italic and not style.italic else style.in_italic()
        else:
            first, *rest = piece.split(" ")
            words[-1].append((first, current))
            words += [[(word, current)] for word in rest]
    stripped = (tuple(part for part in word if part[0]) for word in words)
    return [word for word in stripped if word]


def _width(surface: Surface, word: tuple[Fragment, ...]) -> float:
    return sum(surface.text_width(text, style) for text, style in word)


def _set_line(surface: Surface, x: float, y: float, width: float, line: _Line, align: Align) -> None:
    space = surface.text_width(" ", line.words[0][0][1]) if line.words else 0.0
    if align != "left":  # which need not be measured
        natural = sum(_width(surface, word) for word in line.words) + space * (len(line.words) - 1)
        if align == "justify" and not line.is_last and len(line.words) > 1:
            space += (width - natural) / (len(line.words) - 1)
        x += {"right": width - natural, "center": (width - natural) / 2}.get(align, 0.0)
    runs = _runs(line, joined=align != "justify" or line.is_last)
    for number, (text, style, gap) in enumerate(runs, 1):
        surface.text(x, y, text, style)
        if number < len(runs):
            x += surface.text_width(text, style) + (space if gap else 0.0)


def _runs(line: _Line, *, joined: bool) -> list[tuple[str, Style, bool]]:
    """Pieces of a line to write at once, and whether a space follows; one style is one piece if `joined`."""
    runs: list[tuple[str, Style, bool]] = []
    for word in line.words:
        for number, (text, style) in enumerate(word, 1):
            follows = number == len(word)
            if joined and runs and runs[-1][1] == style and runs[-1][2]:
                runs[-1] = (f"{runs[-1][0]} {text}", style, follows)
            else:
                runs.append((text, style, follows))
    return runs

"""Layouts of rendered pages: each fills a page as one kind of document does."""

from collections.abc import Callable

import numpy as np

from training.drawing.canvas import Ink
from training.drawing.page_lines import PixelBox
from training.page_reader.random_page import RandomPage

Layout = Callable[[RandomPage], None]


def prose(page: RandomPage) -> None:
    """One to three columns of paragraphs with headings, as filings and reports have them."""
    rng = page.rng
    columns = int(rng.integers(1, 4))
    margin, gutter = page.width * rng.uniform(0.04, 0.12), page.width * 0.03
    width = (page.width - 2 * margin - (columns - 1) * gutter) / columns
    body, leading = page.ink(rng.uniform(11, 26)), float(rng.uniform(1.0, 1.4))
    for column in range(columns):
        left, y = margin + column * (width + gutter), margin
        while y < page.height - margin:
            if rng.random() < 0.25:
                y = page.paragraph(left, y, width, page.ink(rng.uniform(16, 48)), 1, 1.1)
            y = page.paragraph(left, y, width, body, int(rng.integers(2, 9)), leading)
            y += body.line_height * rng.uniform(0.2, 1.2)
    if rng.random() < 0.3:
        page.label(
            page.width * rng.uniform(0.1, 0.8), page.height - 40, f"Page {rng.integers(300)}", page.ink(14)
        )


def paper(page: RandomPage) -> None:
    """A scientific paper: centred title, authors, abstract, two narrow columns, footnotes, a figure."""
    rng, body = page.rng, page.ink(page.rng.uniform(13, 18))
    left, wide = page.width * 0.08, page.width * 0.84
    y = page.paragraph(left, page.height * 0.05, wide, page.ink(rng.uniform(26, 44)), 2, 1.15, align="centre")
    y = page.paragraph(left, y + 8, wide, page.ink(rng.uniform(14, 20)), 1, 1.2, align="centre")
    y = page.paragraph(left + 60, y + 14, wide - 120, body, int(rng.integers(4, 9)), 1.15, align="justified")
    half, foot = wide * 0.48, page.height * rng.uniform(0.8, 0.95)
    for column in range(2):
        x, top = left + column * (wide - half), y + 20
        if rng.random() < 0.4:
            bottom = top + page.height * rng.uniform(0.12, 0.25)
            _chart(page, PixelBox(x, top, x + half, bottom))
            top = page.paragraph(x, bottom + 8, half, page.ink(body.font.size * 0.85), 2, 1.1)
        while top < foot - 2 * body.line_height:
            top = page.paragraph(x, top, half, body, int(rng.integers(3, 12)), 1.12, align="justified") + 8
            if rng.random() < 0.2:
                top = page.paragraph(x, top + 6, half, page.ink(body.font.size * 1.25), 1, 1.2)
    page.draw.line((left, foot, left + half / 2, foot), fill=body.gray)
    page.paragraph(left, foot + 6, half, page.ink(max(body.font.size * 0.75, 11)), 3, 1.1, align="left")


def table(page: RandomPage) -> None:
    """Tables of words and numbers with every style of rule."""
    y = page.height * 0.05
    while y < page.height * 0.9:
        y = page.paragraph(page.width * 0.08, y, page.width * 0.8, page.ink(page.rng.uniform(13, 30)), 2, 1.2)
        y = _grid(page, page.width * 0.06, y + 10, page.width * 0.88) + page.rng.uniform(10, 60)


def contents(page: RandomPage) -> None:
    """A table of contents: titles, leaders of dots, page numbers; or an index in two columns."""
    rng, ink = page.rng, page.ink(page.rng.uniform(12, 24))
    y = page.paragraph(page.width * 0.1, page.height * 0.06, page.width * 0.8, page.ink(40), 1) + 20
    left, right = page.width * 0.1, page.width * rng.uniform(0.6, 0.9)
    while y < page.height * 0.92:
        end = page.line(left + rng.choice([0, 30]), y, page.texts.phrase(rng, 5).split(" "), ink)
        number = str(rng.integers(1, 400))
        at = right - ink.length(number)
        if end + 10 < at:
            if rng.random() < 0.6:
                step = ink.length(".") * rng.uniform(1, 2.5)
                for x in np.arange(end + step, at - step, step):
                    page.draw.text((x, y), ".", fill=ink.gray, font=ink.font)
            page.line(at, y, [number], ink)
        y += ink.line_height * rng.uniform(1.1, 1.7)


def form(page: RandomPage) -> None:
    """An invoice or a form: sender, fields in boxes, items, totals, small print."""
    rng = page.rng
    page.paragraph(
        page.width * 0.06,
        page.height * 0.04,
        page.width * 0.4,
        page.ink(rng.uniform(24, 60)),
        1,
        align="left",
    )
    y = page.height * 0.13
    name_ink, value_ink = page.ink(rng.uniform(11, 18)), page.ink(rng.uniform(13, 22))
    columns, boxed = int(rng.integers(2, 5)), rng.random() < 0.5
    cell, high = page.width * 0.88 / columns, 2.8 * value_ink.line_height
    for _ in range(int(rng.integers(2, 7))):
        for column in range(columns):
            x = page.width * 0.06 + column * cell
            if boxed:
                page.draw.rectangle((x, y, x + cell, y + high), outline=name_ink.gray)
            name, value = page.texts.field(rng)
            page.fit(x + 5, y + 3, cell, name, name_ink)
            page.fit(x + 8, y + high - 1.35 * value_ink.line_height, cell, value, value_ink)
        y += high
    y = _grid(page, page.width * 0.06, y + 20, page.width * 0.88)
    for _ in range(int(rng.integers(1, 4))):
        if y + 60 < page.height * 0.9:
            name, value = page.texts.field(rng)
            page.fit(page.width * 0.55, y + 8, page.width * 0.2, name, value_ink)
            page.fit(page.width * 0.75, y + 8, page.width * 0.19, value, value_ink, to_right=True)
            y += 1.5 * value_ink.line_height
    page.paragraph(
        page.width * 0.06, max(y + 20, page.height * 0.85), page.width * 0.85, page.ink(11.5), 3, 1.1
    )


def slide(page: RandomPage) -> None:
    """A large title, bullets, and a chart or a few labels beside them."""
    rng = page.rng
    y = page.paragraph(
        page.width * 0.06, page.height * 0.05, page.width * 0.85, page.ink(rng.uniform(40, 110)), 2, 1.15
    )
    ink, wide = page.ink(rng.uniform(22, 56)), rng.uniform(0.35, 0.85)
    while y < page.height * 0.85:
        bullet = str(rng.choice(["• ", "- ", "", "1. "]))
        y = page.paragraph(
            page.width * 0.09, y + ink.line_height * 0.5, page.width * wide, ink, 3, 1.2, bullet, align="left"
        )
    if wide < 0.55:
        top = page.height * 0.3
        _chart(page, PixelBox(page.width * (0.14 + wide), top, page.width * 0.95, page.height * 0.85))
    _labels(page, 12, largest=30)


def charts(page: RandomPage) -> None:
    """Bar, line, pie and scatter charts with titles, axes, upright and slanted labels and legends."""
    rng = page.rng
    y = page.paragraph(page.width * 0.06, 30, page.width * 0.85, page.ink(rng.uniform(18, 48)), 1)
    across, down = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    wide, high = page.width * 0.92 / across, (page.height * 0.95 - y) / down
    for row in range(down):
        for column in range(across):
            x, top = page.width * 0.04 + column * wide, y + row * high
            if rng.random() < 0.15:
                page.paragraph(x, top, wide * 0.9, page.ink(rng.uniform(13, 26)), int(rng.integers(3, 12)))
            else:
                _chart(page, PixelBox(x + 4, top + 4, x + wide * 0.93, top + high * 0.92))


def brochure(page: RandomPage) -> None:
    """Photographs and panels with text on them, captions, large numbers, few words."""
    rng = page.rng
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(0, 0.7) * page.width, rng.uniform(0, 0.75) * page.height
        box = PixelBox(x, y, x + rng.uniform(0.2, 0.9) * page.width, y + rng.uniform(0.1, 0.5) * page.height)
        page.panel(box, plain=0.35)
    for _ in range(int(rng.integers(3, 9))):
        x, y = rng.uniform(0.02, 0.6) * page.width, rng.uniform(0.02, 0.85) * page.height
        size = float(np.exp(rng.uniform(np.log(14), np.log(60))))
        ink, wide = page.ink(size, at=(x + 20, y + 10)), rng.uniform(0.2, 0.38) * page.width
        rows = int(rng.integers(1, 8))
        if page.is_free(PixelBox(x, y, x + wide, y + rows * 1.5 * ink.line_height)):
            page.paragraph(x, y, wide, ink, rows, 1.2)
    _labels(page, 25, largest=150)


def scatter(page: RandomPage) -> None:
    """Labels strewn over charts, panels and photographs."""
    rng = page.rng
    for _ in range(int(rng.integers(2, 9))):
        x, y = rng.uniform(0, page.width - 200), rng.uniform(0, page.height - 200)
        wide, high = rng.uniform(150, page.width / 2 + 150), rng.uniform(60, page.height / 2)
        page.panel(PixelBox(x, y, x + wide, y + high))
    for _ in range(int(rng.integers(4, 30))):
        _graphic(page)
    _labels(page, int(rng.integers(40, 160)), largest=90)


LAYOUTS: tuple[tuple[Layout, float], ...] = (
    (prose, 0.2),
    (paper, 0.12),
    (table, 0.16),
    (contents, 0.04),
    (form, 0.1),
    (slide, 0.1),
    (charts, 0.1),
    (brochure, 0.08),
    (scatter, 0.1),
)


def _grid(page: RandomPage, left: float, y: float, width: float) -> float:
    """A table; returns the y below it."""
    rng = page.rng
    rows, columns = int(rng.integers(3, 16)), int(rng.integers(2, 8))
    ink, head = page.ink(float(rng.uniform(11, 24))), rng.random() < 0.3
    step = ink.line_height * rng.uniform(1.1, 1.8)
    rules, bands, first = rng.random(), rng.random(), width * rng.uniform(0.25, 0.45)
    cell, top = (width - first) / columns, y
    for row in range(rows):
        if y + step > page.height - 6:
            break
        here = ink
        if head and row == 0:
            page.draw.rectangle((left, y, left + width, y + step), fill=255 - page.paper)
            here = Ink(ink.font, page.paper)
        elif bands < 0.3 and row % 2 == 0:
            shade = int(np.clip(page.paper + (-25 if page.paper > 127 else 25), 0, 255))
            page.draw.rectangle((left, y, left + width, y + step), fill=shade)
        if rules < 0.5:
            page.draw.line((left, y + step - 1, left + width, y + step - 1), fill=ink.gray)
        page.fit(left + 3, y, first, page.texts.phrase(rng, int(rng.integers(1, 5))), here)
        for column in range(columns):
            text = page.texts.phrase(rng, 1) if row == 0 else page.texts.number(rng)
            page.fit(left + first + column * cell, y, cell, text, here, to_right=True)
        y += step
    if rules < 0.25:
        for column in range(columns + 1):
            x = left + first + column * cell
            page.draw.line((x, top, x, y), fill=ink.gray)
    return y


def _chart(page: RandomPage, box: PixelBox) -> None:
    """One chart in a box, whatever its kind, with labels in and around the picture."""
    rng, wide, high = page.rng, box.x1 - box.x0, box.y1 - box.y0
    if wide < 120 or high < 100:
        return
    if rng.random() < 0.3:
        page.panel(box, plain=0.9)
    size = float(rng.uniform(11, min(22, 11 + wide / 60)))
    ink = page.ink(size, at=(box.x0 + 6, box.y0 + 6))
    page.label(
        box.x0 + 0.1 * wide, box.y0 + 4, page.texts.phrase(rng, 4), page.ink(size * 1.4, (box.x0, box.y0))
    )
    plot = PixelBox(box.x0 + 0.16 * wide, box.y0 + 0.14 * high, box.x1 - 0.04 * wide, box.y1 - 0.2 * high)
    kind = rng.integers(4)
    if kind == 0:
        _pie(page, plot, ink)
        return
    page.draw.line((plot.x0, plot.y0, plot.x0, plot.y1, plot.x1, plot.y1), fill=ink.gray, width=2)
    for tick in range(int(rng.integers(3, 8))):
        y = plot.y1 - (plot.y1 - plot.y0) * tick / 7
        if rng.random() < 0.5:
            page.draw.line((plot.x0, y, plot.x1, y), fill=170)
        number = page.texts.number(rng)
        page.label(plot.x0 - 6 - ink.length(number), y - ink.line_height / 2, number, ink)
    if rng.random() < 0.6:
        page.upright_label(box.x0 + 2, plot.y1 - 0.1 * high, page.texts.phrase(rng, 3), ink)
    count = int(rng.integers(3, 12))
    heights = rng.uniform(0.1, 0.95, count)
    step = (plot.x1 - plot.x0) / count
    tops = [(plot.x0 + (i + 0.5) * step, plot.y1 - h * (plot.y1 - plot.y0)) for i, h in enumerate(heights)]
    _marks(page, int(kind), tops, plot.y1, step, ink)
    _ticks(page, [x for x, _ in tops], plot.y1, step, ink)
    for place in range(int(rng.integers(0, 4))):
        x, y = box.x0 + 0.2 * wide + place * 0.25 * wide, box.y1 - 1.6 * ink.line_height
        page.draw.rectangle((x - 14, y + 4, x - 4, y + 14), fill=int(rng.integers(0, 256)))
        page.label(x, y, page.texts.phrase(rng, 2), ink)


def _marks(
    page: RandomPage, kind: int, tops: list[tuple[float, float]], base: float, step: float, ink: Ink
) -> None:
    rng, gray = page.rng, int(page.rng.integers(0, 256))
    if kind == 1:
        for x, y in tops:
            page.draw.rectangle((x - 0.35 * step, y, x + 0.35 * step, base), fill=gray)
            number = page.texts.number(rng)
            if rng.random() < 0.5:
                page.label(x - ink.length(number) / 2, y - 1.3 * ink.line_height, number, ink)
            elif rng.random() < 0.3:
                page.upright_label(
                    x - ink.line_height / 2, base - 6, number, page.ink(ink.font.size, (x, base - 8))
                )
    elif kind == 2:
        page.draw.line([place for top in tops for place in top], fill=gray, width=int(rng.integers(1, 5)))
        for x, y in tops:
            if rng.random() < 0.4:
                page.label(x, y - 1.4 * ink.line_height, page.texts.number(rng), ink)
    else:
        for x, y in tops:
            page.draw.ellipse((x - 4, y - 4, x + 4, y + 4), fill=gray)
            page.label(x + 7, y - ink.line_height / 2, page.texts.phrase(rng, 1), ink)


def _ticks(page: RandomPage, places: list[float], base: float, step: float, ink: Ink) -> None:
    """The names below an axis: level where they fit, else upright or slanted."""
    rng, lean = page.rng, page.rng.random()
    for x in places:
        name = page.texts.phrase(rng, int(rng.integers(1, 3)))
        if ink.length(name) < 0.9 * step:
            page.label(x - ink.length(name) / 2, base + 6, name, ink)
        elif lean < 0.6:
            page.upright_label(x - ink.line_height / 2, base + 8 + ink.length(name), name, ink)
        elif ink.length(name) < 8 * ink.line_height:
            reach = ink.length(name) * 0.36
            box = PixelBox(x - 2 * reach, base + 4, x, base + 4 + 2 * reach)
            if page.is_free(box):
                page.slanted(x - reach, base + 4 + reach, name, ink, float(rng.uniform(30, 55)))


def _pie(page: RandomPage, plot: PixelBox, ink: Ink) -> None:
    radius = min(plot.x1 - plot.x0, plot.y1 - plot.y0) / 2
    cx, cy = (plot.x0 + plot.x1) / 2, (plot.y0 + plot.y1) / 2
    angle = 0.0
    while angle < 360:
        turn = float(page.rng.uniform(20, 110))
        end = min(angle + turn, 360.0)
        circle = (cx - radius, cy - radius, cx + radius, cy + radius)
        page.draw.pieslice(circle, angle, end, fill=int(page.rng.integers(0, 256)), outline=ink.gray)
        middle = np.radians((angle + end) / 2)
        for share, text in ((0.6, page.texts.number(page.rng)), (1.15, page.texts.phrase(page.rng, 2))):
            x, y = cx + share * radius * np.cos(middle), cy + share * radius * np.sin(middle)
            shift = ink.length(text) / 2 if share < 1 else 0 if np.cos(middle) > 0 else ink.length(text)
            page.label(x - shift, y - ink.line_height / 2, text, page.ink(ink.font.size, (x, y)))
        angle = end


def _labels(page: RandomPage, count: int, largest: float) -> None:
    rng = page.rng
    for _ in range(count):
        size = float(np.exp(rng.uniform(np.log(11), np.log(largest))))
        x, y = rng.uniform(0, 0.9) * page.width, rng.uniform(0, 0.95) * page.height
        text = page.texts.phrase(rng, int(rng.integers(1, 6)))
        if rng.random() < 0.06:
            page.upright_label(x, y, text, page.ink(size, at=(x + 4, y - 8)))
        else:
            page.label(x, y, text, page.ink(size, at=(x + 8, y + 8)))


def _graphic(page: RandomPage) -> None:
    rng = page.rng
    x, y = float(rng.uniform(0, page.width)), float(rng.uniform(0, page.height))
    w, h = float(rng.uniform(5, 300)), float(rng.uniform(2, 200))
    gray, kind = int(rng.integers(0, 256)), rng.integers(4)
    if kind == 0:
        page.draw.rectangle((x, y, x + w, y + h), fill=gray)
    elif kind == 1:
        page.draw.line((x, y, x + w * 2, y + h - 100), fill=gray, width=int(rng.integers(1, 5)))
    elif kind == 2:
        page.draw.ellipse((x, y, x + w, y + w), outline=gray, width=int(rng.integers(1, 8)))
    else:
        for i in range(12):
            page.draw.line((x, y + i * h / 6, x + w * 2, y + i * h / 6), fill=gray)

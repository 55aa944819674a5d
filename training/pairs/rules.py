"""The rules that find queries in a page: each reads its layout and gives phrases a person might type."""

import re
from collections.abc import Callable, Iterator

from training.pairs.layout import Block, PageLayout, Row, blocks
from training.pairs.phrasing import as_phrase, has_fact, is_phrase, search_phrase, sentences
from training.pairs.row_figures import Figure, figures, table_rows

Rule = Callable[[PageLayout], Iterator[str]]

_LARGER = 1.15  # than the body text: below this, sizes differ by rounding
_MAX_HEADING_LINES = 3
_CAPTION = re.compile(
    r"^(?:figure|fig\.|table|exhibit|chart|box|map|diagram|scheme|plate)\s*[\dA-Z][\dA-Z.-]*\s*[.:–—|-]?\s+(?=\S)",
    re.IGNORECASE,
)
_MAX_CAPTION_CHARS = 160
_MIN_KEYWORDS = 5
_MIN_ROW_CHARS = 3


def headings(page: PageLayout) -> Iterator[str]:
    """Short blocks in larger or bold letters."""
    alone = [row for row in _prose_rows(page) if not _is_table_head(row)]
    for block in blocks(alone):
        if _is_heading(block, page.body_size) and not _CAPTION.match(block.text):
            yield from _phrases(block.text)


def captions(page: PageLayout) -> Iterator[str]:
    """What stands behind "Figure 3." or "Table 12:", up to the end of its first sentence."""
    for block in blocks(page.rows):
        match = _CAPTION.match(block.text)
        if match and len(block.text) <= _MAX_CAPTION_CHARS:
            yield from _phrases(re.split(r"(?<=[a-z])\.\s", block.text[match.end() :])[0])


def table_cells(page: PageLayout) -> Iterator[str]:
    """Row and column of each figure of a table, with the heading that the row stands under."""
    for figure in figures(page.rows):
        if len(as_phrase(figure.row)) >= _MIN_ROW_CHARS:
            yield from _phrases(_cell_phrase(figure))


def bold_terms(page: PageLayout) -> Iterator[str]:
    """Bold words that open a paragraph."""
    for block in _prose(page):
        yield from _phrases(block.cells[0].bold_start)


def key_sentences(page: PageLayout) -> Iterator[str]:
    """Sentences that state a fact, a number or a name, down to the words that carry it."""
    for block in _prose(page):
        for sentence in sentences(block.text):
            phrase = search_phrase(sentence)
            if len(phrase.split()) >= _MIN_KEYWORDS and has_fact(phrase):
                yield from _phrases(phrase)


RULES: dict[str, Rule] = {
    "heading": headings,
    "caption": captions,
    "table-cell": table_cells,
    "bold-term": bold_terms,
    "key-sentence": key_sentences,
}


def _prose(page: PageLayout) -> list[Block]:
    return blocks(_prose_rows(page))


def _prose_rows(page: PageLayout) -> list[Row]:
    tabular = table_rows(page.rows)
    return [row for place, row in enumerate(page.rows) if place not in tabular]


def _is_table_head(row: Row) -> bool:
    """Whether bold cells stand beside each other, as over the columns of a table."""
    return len(row) > 2 or (len(row) == 2 and all(cell.is_bold for cell in row))


def _is_heading(block: Block, body_size: float) -> bool:
    return (
        len(block.cells) <= _MAX_HEADING_LINES
        and (block.is_bold or block.size > _LARGER * body_size)
        and not block.text.endswith((".", ",", ";"))
    )


def _cell_phrase(figure: Figure) -> str:
    """The parts in the order one says them, without the words that were said already."""
    said: list[str] = []
    for part in map(as_phrase, (figure.section, figure.row, *figure.columns)):
        new = [word for word in part.split() if word.lower() not in {each.lower() for each in said}]
        said += new
    return " ".join(said).strip(" ,")


def _phrases(text: str) -> Iterator[str]:
    phrase = as_phrase(text)
    if is_phrase(phrase):
        yield phrase

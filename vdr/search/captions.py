"""What a page prints of places: captions of figures and tables, headings of sections, its own number."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np

from vdr.search.layout import rows_of, segments_of
from vdr.search.places import KINDS, NUMBERED, Captioned
from vdr.types import Print

# Of what a caption says: elsewhere a page only refers to what stands on another one.
MENTIONED = 0.25
# A section goes on after its heading, an appendix over many pages.
_LONG = {"section": 0.6, "appendix": 0.6}
_FEWEST_LISTED = 6  # captions of one kind that a page with all of them lists
_LONGEST_NAME = 24  # characters of "Abbildungen number"
_MARGIN = 0.1  # of the page's height, above and below
_SHOWN = re.compile(r"[A-Z]{1,2}-?\d{1,3}|\d{1,4}|[ivxl]{1,7}", re.IGNORECASE)
_LEADS = re.compile(r"(?:\.\s?){3,}\s*\w+\W*$|…\s*\w+\W*$")
_LEADING = 40  # characters at the end of a line: dots and a number
_ENDS_IN_NUMBER = re.compile(r"\s\d+\W*$")


def text_of(page: Print) -> str:
    """Its words, a line of print in each line."""
    if not page.has_boxes:
        return " ".join(page.texts)
    segments = (segment for row in rows_of(page) for segment in row)
    return "\n".join(" ".join(page.texts[each.start : each.end]) for each in segments)


def may_tell(words: str, place: Captioned) -> bool:
    """Whether the words of a page, in any order of its lines, name the place or may be its heading.

    This is told at once; to find the lines of print takes ten times as long.
    """
    if not place.number:
        return _pattern(place).search(words) is not None
    names = _names(place.kind)
    for found in _number(place.number).finditer(words):
        start = found.start()
        is_heading = place.kind == "section" and found["alone"]
        if is_heading or names.search(words, max(0, start - _LONGEST_NAME), start):
            return True
    return False


def caption_share(text: str, place: Captioned) -> float:
    """How surely a figure, table or section is on a page of this text, as `text_of` gives it.

    1 with its caption, 0 if it is never named.
    """
    if not text:
        return 0.0
    matches = list(_pattern(place).finditer(text))
    caption = next(filter(_is_caption, matches), None)
    is_told = caption is not None and not _is_list(caption["name"], text)
    found = 1.0 if is_told else MENTIONED if matches else 0.0
    if place.kind == "section" and place.number:
        found = max([found, *map(_heading_share, _heading(place.number).finditer(text))])
    return found * _LONG.get(place.kind, 1.0)


def printed_numbers(page: Print) -> frozenset[str]:
    """What may be the page's number in its upper and lower margin, in lower case."""
    if not page.has_boxes:
        return frozenset()
    places = np.flatnonzero((page.boxes[:, 3] <= _MARGIN) | (page.boxes[:, 1] >= 1 - _MARGIN))
    return frozenset(_printed(Print(tuple(page.texts[place] for place in places), page.boxes[places])))


def _printed(margins: Print) -> Iterator[str]:
    for segment in segments_of(margins) if margins.texts else ():
        words = margins.texts[segment.start : segment.end]
        after_page = (after for before, after in pairwise(words) if _is_page(before))
        for word in (words[0], words[-1], *after_page):
            if shown := _SHOWN.fullmatch(word.strip("-–—|.,:;()[]/")):
                yield shown[0].lower()


def _is_page(word: str) -> bool:
    return word.lower().rstrip(".:") in {"page", "p", "pg", "slide", "seite", "página", "pagina"}


def _whole(number: str) -> str:
    """Without what tells parts: figure 4a is a part of figure 4."""
    return re.sub(r"(?<=\d)[a-z]$", "", number)


@lru_cache(64)
def _pattern(place: Captioned) -> re.Pattern[str]:
    whole = _whole(place.number)
    number = re.escape(whole) + ("[a-z]?" if whole[-1:].isdecimal() else "")
    return re.compile(
        rf"(?P<start>^\W{{0,3}})?(?<!\w)(?P<name>{KINDS[place.kind]}){NUMBERED}"
        rf"\s*{number}(?![\w]|[.-]\d)(?P<rest>[^\n]*)",
        re.IGNORECASE | re.MULTILINE,
    )


def _is_caption(match: re.Match[str]) -> bool:
    rest = match["rest"]
    after = rest.lstrip()[:1]
    return (
        match["start"] is not None
        and match["name"][0].isupper()
        and not after.islower()
        and after not in {",", ";", ")"}
        and not _leads(rest)
    )


def _leads(line: str) -> bool:
    """Whether a line of a table of contents leads to a page."""
    return _LEADS.search(line[-_LEADING:]) is not None


def _is_list(name: str, text: str) -> bool:
    """Whether a page has so many captions of a kind that it lists them."""
    begins = rf"^\W{{0,3}}{re.escape(name)}\s*(\w+(?:[.-]\w+)*)"
    return len(set(re.findall(begins, text, re.IGNORECASE | re.MULTILINE))) >= _FEWEST_LISTED


@lru_cache(64)
def _number(number: str) -> re.Pattern[str]:
    whole = re.escape(_whole(number))
    return re.compile(rf"(?P<alone>(?<!\S){whole}\.?(?!\S))|{whole}", re.IGNORECASE)


@lru_cache(64)
def _names(kind: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{KINDS[kind]}){NUMBERED}\s*\Z", re.IGNORECASE)


@lru_cache(64)
def _heading(number: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(number)}\.?[ \n](?P<title>[^\W\d_][^\n]*)", re.IGNORECASE | re.MULTILINE)


def _heading_share(match: re.Match[str]) -> float:
    title = match["title"]
    is_heading = title[0].isupper() and not _leads(title) and not _ENDS_IN_NUMBER.search(title[-_LEADING:])
    return 1.0 if is_heading else 0.0

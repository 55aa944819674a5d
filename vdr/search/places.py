"""The places that a question names: pages by number, label or position, and figures, tables and the like.

"According to the chart on page 14", "the second table of slide 3", "Figure 4a", "on the last page". A place
says where the answer most likely is; vdr.search.at_places makes of it what a page is worth.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vdr.words import wholes

_MOST_PAGES = 20  # of a range: who asks for more asks for a part of the document, not for a place
_LONGEST_DOCUMENT = 9_999
_YEARS = range(1900, 2100)  # rather a year than the number of a page
_CARDINALS = """
    one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
    """.split()  # noqa: SIM905
_ORDINALS = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
    fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
    """.split()  # noqa: SIM905
_NAMED = {word: number for words in (_CARDINALS, _ORDINALS) for number, word in enumerate(words, start=1)}

_COUNT = rf"(?:\d{{1,4}}(?![\d%]|[.,]\d)|(?:{'|'.join(_CARDINALS)})\b)"
_ROMAN = r"(?:[ivxl]{1,7}|[IVXL]{1,7})\b"
_LABEL = r"[A-Z]{1,2}-?\d{1,3}\b"
_LONE = rf"(?:{_LABEL}|{_COUNT}|{_ROMAN})"
_TO = r"\s*(?:-|–|—|\bto\b|\bthrough\b|\buntil\b)\s*"
_OR = r"(?:\s*,\s*(?:and\s+|or\s+)?|\s*&\s*|\s+and\s+|\s+or\s+|\s*/\s*)"
NUMBERED = r"(?:\s*(?:number|no\.?|nr\.?|#))?"
# What makes another thing of what comes before it: "page 2 views", "first page of the search results".
_NOT = (
    r"(?!['’]?\w|\s*-\s*[A-Za-z]|\s+(?:views?|counts?|numbers?|hits|rank\w*|loads?|limits?|sizes?|breaks?|"
    r"layouts?|results?|in\s+google)\b|\s+of\s+(?:the\s+)?(?:search\s+)?(?:results?|google|bing)\b)"
)
_ONE_PAGE = r"(?:page|pg\.?|slide|seite|folie|p[aá]gina|sida|strona)"
_PAGES = r"(?:pages|pgs?\.?|slides|seiten|folien|p[aá]ginas|pagine|sidor|pp\.)"
_P = r"p\.(?=\s*\d)"
# In the singular, "and 5" is a second page only if it counts nothing: "on page 3 and 5", not "and 5 cars".
_COUNTS_NOTHING = (
    r"(?=\s*(?:[?.,;:)]|$|(?:of|in|on|is|are|and|or|from|have|has|that|which|with|show|what|how|to)\b))"
)
_AFTER_PAGE = re.compile(
    rf"(?<![\w-])(?:(?P<many>{_PAGES}{NUMBERED}\s*{_LONE}(?:(?:{_TO}|{_OR}){_LONE})*)"
    rf"|(?P<one>(?:{_ONE_PAGE}|{_P}){NUMBERED}\s*{_LONE}(?:{_TO}{_LONE})?(?:{_OR}{_LONE}{_COUNTS_NOTHING})*))"
    rf"{_NOT}",
    re.IGNORECASE,
)
_EACH = re.compile(rf"(?P<first>{_LONE})(?:{_TO}(?P<last>{_LONE}))?", re.IGNORECASE)
_UNIT = re.compile(rf"(?:{_PAGES}|{_ONE_PAGE}|{_P}){NUMBERED}", re.IGNORECASE)
_NTH = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,4}}(?:st|nd|rd|th))"
_BEFORE_PAGE = re.compile(
    r"(?<![\w-])(?:"
    rf"(?P<end>first|last|final)\s+(?P<count>{_COUNT})\s+(?:pages|slides)"
    rf"|(?P<back>(?:second|2nd|third|3rd)(?:\s+|-)(?:(?:to|from)(?:\s+|-))?(?:the\s+)?last|next(?:\s+|-)to(?:\s+|-)last"
    r"|penultimate)\s+(?:page|slide)"
    r"|(?P<last>(?:very\s+)?last|final|closing|back)\s+(?:page|slide|cover(?:\s+page)?)"
    r"|(?P<cover>(?:front|opening|title|cover)\s+(?:page|slide)|front\s+cover(?:\s+page)?"
    r"|(?<=\bthe\s)cover(?=\s*(?:[?.,;:)]|$|(?:of|image|photo|picture|illustration|is|does|show)\b)))"
    rf"|(?P<nth>{_NTH})\s+(?P<unit>page|slide))" + _NOT,
    re.IGNORECASE,
)
KINDS = {
    "figure": r"figures?|figs?\.?|abbildung(?:en)?|abb\.|figuras?",
    "table": r"tables?|tab\.|tabellen?|tableaux?|tablas?|tabelas?",
    "chart": r"charts?|graphs?|diagrams?",
    "exhibit": r"exhibits?|ex\.",
    "section": r"sections?|secs?\.|§§?|chapters?|abschnitt|kapitel",
    "appendix": r"appendix|appendices|annex(?:es)?|anhang",
    "box": r"box",
}
_NUMBER = r"\d{1,3}(?:[.-]\d{1,3})*[a-z]?(?![\w%]|[.,]\d|\s+times\b)"
_LETTER = r"(?-i:(?:[A-HJ-Z]|I(?!\s+[a-z]))(?:[.-]?\d{1,3})*(?![\w'’]|\.\w)|[IVX]{2,6}\b)"
_ID = rf"(?:{_NUMBER}|{_LETTER})"
_CAPTION = re.compile(
    rf"(?<![\w-])(?:{'|'.join(f'(?P<{kind}>{names})' for kind, names in KINDS.items())})"
    rf"{NUMBERED}\s*(?P<ids>{_ID}(?:(?:{_TO}|{_OR}){_ID})*)",
    re.IGNORECASE,
)
# How an answer is to look: "formatted as a list like ['Page 2', 'Page 4']".
_EXAMPLE = re.compile(r"\[[^\[\]'\"‘“]*+['\"‘“][^\[\]]*+\]")
_APPENDIX = re.compile(r"\b(?:in|of|to|from)\s+the\s+(?:appendix|annex)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A page by what it is called: `number`, from the end where negative; or by its printed `label` alone.

    A slide is called by where it stands in the file, a page also by what is printed on it.
    """

    number: int | None
    label: str = ""

    @property
    def is_printed(self) -> bool:
        """Whether a label may be meant."""
        return bool(self.label)

    def __str__(self) -> str:
        if self.number is None:
            return f"page {self.label}"
        if self.number < 0:
            return "last page" if self.number == -1 else f"page {-self.number} from the end"
        return f"{'page' if self.is_printed else 'number'} {self.number}"


@dataclass(frozen=True, slots=True)
class Captioned:
    """A figure, table, exhibit, section ... by its number, in lower case; "" for the only one."""

    kind: str
    number: str

    def __str__(self) -> str:
        return f"{self.kind} {self.number}".rstrip()


@dataclass(frozen=True, slots=True)
class Places:
    """All places that a question names, and the words that do nothing else than name a page."""

    pages: tuple[PagePlace, ...] = ()
    captions: tuple[Captioned, ...] = ()
    words: frozenset[str] = frozenset()

    @property
    def are_printed(self) -> bool:
        """Whether what pages print says if they are meant."""
        return bool(self.captions) or any(page.is_printed for page in self.pages)

    def __bool__(self) -> bool:
        return bool(self.pages or self.captions)

    def __str__(self) -> str:
        return ", ".join(map(str, (*self.pages, *self.captions)))


def places_in(question: str) -> Places:
    """The places that a question names, each once.

    >>> str(places_in("What do Figure 3 and the last page of slides 5-6 show?"))
    'last page, number 5, number 6, figure 3'
    """
    question = without_examples(question)
    matches = [*_BEFORE_PAGE.finditer(question), *_AFTER_PAGE.finditer(question)]
    pages = dict.fromkeys(page for match in matches for page in _pages(match))
    captions = dict.fromkeys(_captions(question))
    spans = [match.span() for match in matches if any(True for _ in _pages(match))]
    return Places(tuple(pages), tuple(captions), _only_in(spans, question))


def without_examples(question: str) -> str:
    """The question with spaces for what shows how its answer is to look."""
    return _EXAMPLE.sub(lambda example: " " * len(example[0]), question)


def _pages(match: re.Match[str]) -> Iterator[PagePlace]:
    if match.re is _AFTER_PAGE:
        return _after_page(match[0])
    return _before_page(match)


def _after_page(text: str) -> Iterator[PagePlace]:
    unit = _UNIT.match(text)
    assert unit is not None
    is_slide = unit[0].lower().startswith(("slide", "folie"))
    for each in _EACH.finditer(text, unit.end()):
        first, last = each["first"], each["last"]
        start, end = _value(first), _value(last or first)
        if start and end and start <= end < start + _MOST_PAGES:
            yield from (_numbered(number, is_slide) for number in range(start, end + 1))
        elif None in (start, end) and not is_slide:
            yield from (PagePlace(None, label) for label in (first, last) if label)


def _numbered(number: int, is_slide: bool) -> PagePlace:
    return PagePlace(number, "" if is_slide else str(number))


def _value(text: str) -> int | None:
    """What a number says; None for a label."""
    if text.isdecimal():
        return int(text) if 0 < int(text) <= _LONGEST_DOCUMENT and int(text) not in _YEARS else 0
    return _NAMED.get(text.lower())


def _before_page(match: re.Match[str]) -> Iterator[PagePlace]:
    if match["end"]:
        count = min(_value(match["count"]) or 0, _MOST_PAGES)
        from_start = match["end"].lower() == "first"
        yield from (PagePlace(n if from_start else -n) for n in range(1, count + 1))
    elif match["back"]:
        yield PagePlace(-3 if match["back"].lower().startswith(("third", "3rd")) else -2)
    elif match["last"]:
        yield PagePlace(-1)
    elif match["cover"]:
        yield PagePlace(1)
    else:
        nth = _NAMED.get(match["nth"].lower()) or int(match["nth"][:-2])
        yield PagePlace(nth)


def _captions(question: str) -> Iterator[Captioned]:
    for match in _CAPTION.finditer(question):
        kind = next(kind for kind in KINDS if match[kind])
        for each in re.finditer(_ID, match["ids"], re.IGNORECASE):
            if not (each[0].isdecimal() and int(each[0]) in _YEARS):
                yield Captioned(kind, each[0].lower())
    if _APPENDIX.search(question):
        yield Captioned("appendix", "")


def _only_in(spans: list[tuple[int, int]], question: str) -> frozenset[str]:
    """The words that stand in these spans and nowhere else in the question."""
    inside = {word for start, end in spans for word in wholes(question[start:end])}
    outside = question
    for start, end in spans:
        outside = outside[:start] + " " * (end - start) + outside[end:]
    return frozenset(inside - set(wholes(outside)))

"""Turns what stands on a page into what a person might type to find it."""

import re

from vdr.words import ASKING_WORDS, wholes

MIN_WORDS, MAX_WORDS = 2, 12
_MAX_KEYWORDS = 8
_LETTERS_SHARE = 0.5

_NUMBERING = re.compile(
    r"^(?:(?:item|note|part|section|chapter|appendix|annex)\s+[\dIVX]+[A-Z]?\b|(?-i:\d{1,2}(?:\.\d{1,2})*[.)]?(?=\s+[A-Z]))"
    r"|\(?[a-zA-Z0-9ivx]{1,3}\)|[•●▪◦‣·*–—-]|[IVX]+\.|[A-Z]\.(?=\s))[\s.:–—-]*",
    re.IGNORECASE,
)
_LEADERS = re.compile(r"(?:\s*\.){3,}.*$")
_FOOTNOTES = re.compile(
    r"\s*\((?:\d{1,2}|[a-z])\)|[®™©*†‡]|\s*\((?:continued|unaudited|cont[’'.]?d?)\)", re.I
)
_SIGNS = re.compile(r"[\"“”‘«»|_]+|(?<=\s)[’'](?=\s)")
_CLAUSE = re.compile(
    r"[;:]|\s[–—]\s|,?\s(?:which|because|although|whereas|while|compared|due|including|such as|in accordance"
    r"|as a result|driven|partially|primarily|resulting|unless|if|pursuant|based on|provided that)\b",
    re.I,
)
_SENTENCE = re.compile(
    r"(?<=[.!?])(?<!\.[A-Z]\.)(?<!Inc\.)(?<!Corp\.)(?<!No\.)(?<!Mr\.)(?<!Ms\.)(?<!Dr\.)(?<!vs\.)\s+(?=[A-Z“\"(])"
)
# "In March 2022, the court": when and where come first in writing and last in a search box.
_OPENING = re.compile(
    r"^(?:in|during|at|on|for|with|upon|after|before|under|by|from|to|through|effective|since|until|of)\b"
    r"(?P<opening>[^,]{2,80}(?:\d, \d{4})?),\s+(?P<main>\D.*)$",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"[$€£¥]?\d[\d.,]*\s(?:thousand|million|billion|trillion|percent)\b|[$€£¥]?[^\W_]+(?:[.,'’&/-][^\W_]+)*%?"
)
_UNITS = re.compile(r"\s*\([^()]*\bin\s(?:thousands|millions|billions|percent|dollars)[^()]*\)", re.I)
_INITIALS = re.compile(r"\b[A-Z]{1,2}\b(?=[,.;]| [A-Z]|$)")  # three of them, and it is a list of authors
_HANGING = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)
_MONTHS = frozenset(
    """
    january february march april may june july august september october november december
    """.split()  # noqa: SIM905
)
_UNTYPED = re.compile(r"[@•;{}\\=]|www\.|https?:")
# What such a sentence is about stands in another one, or nowhere.
_DANGLING = re.compile(
    r"^(?:we|it|this|these|those|they|although|i|he|she|you|refer|see|there|such|if|when|where|however|please|note|as"
    r"|for (?:more|further)|the (?:following|table|information)|in (?:addition|this|these))\b",
    re.IGNORECASE,
)
# Words that carry no more than those that ask, and which nobody would type into a search box.
_FILLERS = frozenset(
    """
    above accordance addition additionally applicable approximately because below certain company's
    consequently contain contains finally following further furthermore generally herein however include
    included includes including may might moreover must number other otherwise over provided related
    respect respectively set shall since subject therefore thereof through under unless upon use used
    various well within without
    """.split()  # noqa: SIM905
)


def as_phrase(text: str) -> str:
    """The text without numbering, leaders, footnote marks and quotation marks; capitals made small.

    >>> as_phrase("ITEM 1A.  RISK FACTORS ........ 23")
    'risk factors'
    >>> as_phrase("2.1 Net sales by category(1):")
    'Net sales by category'
    """
    text = _LEADERS.sub("", " ".join(text.split()))
    text = _SIGNS.sub(" ", _FOOTNOTES.sub("", _UNITS.sub("", text)))
    text = _without_numbering(text.strip())
    text = " ".join(text.split()).strip(" .,:;–—-•/")
    return text.lower() if text.isupper() and " " in text else text


def is_phrase(text: str) -> bool:
    """Whether a person might type this: a few words of letters, two of which name something."""
    words = text.split()
    letters = sum(character.isalpha() for character in text)
    return (
        MIN_WORDS <= len(words) <= MAX_WORDS
        and letters >= _LETTERS_SHARE * len(text.replace(" ", ""))
        and sum(map(_names_something, content_words(text))) >= 2
        and text.count("(") == text.count(")")
        and not _UNTYPED.search(text)
        and not text.startswith("(")
        and words[-1].lower() not in _HANGING
    )


def content_words(text: str) -> list[str]:
    """The words of a text that name something, as they are written, names and numbers among them.

    >>> content_words("The iPhone was introduced in the fall of 2022.")
    ['iPhone', 'introduced', 'fall', '2022']
    """
    return [word for word in _TOKEN.findall(text) if _is_content(word)]


def sentences(text: str) -> list[str]:
    """The whole sentences of a paragraph: those with an end."""
    return [part for part in _SENTENCE.split(text) if part.endswith((".", "!", "?"))]


def search_phrase(sentence: str) -> str:
    """The words that name something in the main clause of a sentence, as one types into a search box.

    "" for a sentence that does not say itself what it is about.

    >>> search_phrase("Net sales of iPhone rose 3% during the third quarter of 2022, due to new models.")
    'Net sales iPhone rose 3% third quarter 2022'
    """
    plain = as_phrase(sentence)
    if plain[:1].islower() or len(_INITIALS.findall(plain)) >= 3:
        return ""
    match = _OPENING.match(plain)
    main, opening = (match["main"], match["opening"]) if match else (plain, "")
    if _DANGLING.match(main):
        return ""
    when = content_words(opening) if any(map(str.isdigit, opening)) else []
    return " ".join([*content_words(_CLAUSE.split(main)[0])[: _MAX_KEYWORDS - len(when)], *when])


def has_fact(phrase: str) -> bool:
    """Whether a phrase holds a number or, after its first word, a name."""
    words = phrase.split()
    return any(c.isdigit() for c in phrase) or any(word[0].isupper() for word in words[1:])


def likeness_key(text: str) -> tuple[str, ...]:
    """What two queries have in common that differ only in order, endings in s, and small words.

    A query of small words alone has all of them, and one without words itself.
    """
    words = wholes(text) or [text]
    named = [word for word in words if word not in ASKING_WORDS]
    return tuple(sorted({_stem(word) for word in named or words}))


def _without_numbering(text: str) -> str:
    bare = _NUMBERING.sub("", text)
    return bare if bare else text


def _is_content(word: str) -> bool:
    if word == "May":
        return True
    plain = word.lower().replace("\u2019", "'")
    return plain not in ASKING_WORDS and plain not in _FILLERS and (len(word) > 1 or word.isdigit())


def _names_something(word: str) -> bool:
    return len(word) > 2 and any(c.isalpha() for c in word) and word.lower() not in _MONTHS


def _stem(term: str) -> str:
    return term[:-1] if len(term) > 3 and term.endswith("s") and not term.endswith("ss") else term

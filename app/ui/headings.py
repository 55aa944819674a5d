"""Tells whole questions and headings by how they read, so that no part of a sentence is offered as one."""

import re
from collections.abc import Sequence

_HEADING_WORDS = range(2, 8)
_QUESTION_WORDS = range(4, 13)
_MAX_CHARACTERS = {False: 48, True: 80}  # of a heading, of a question
# A letter alone is mostly what is left of a word that was torn apart.
_WORD = re.compile(r"[^\W\d_]{2,}(?:['’/&-][^\W\d_]+)*|[aAI&]|[12]\d{3}")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_APOSTROPHE = re.compile("['’]")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# What a line begins with that continues the one above, and ends with that continues in the one below.
_CONTINUING = _set("and but by i of or than that which")
_UNFINISHED = _set("a an and are as at by for from in is of on or the to")
# What makes a sentence of a line, or a part of one; a heading has it only where it asks: "How we did this".
_SPOKEN = _set(
    """
    are be been can could did do does had has have he is it its may must not our she should that their they
    this was we were which who will would you your
    """
)
_ASKING = _set(
    """
    am are can could did do does had has have how is may must shall should was were what when where which who
    whom whose why will would
    """
)
_PREPOSITIONS = _set("after at by for from in of on to under until with")
_ENGLISH = _SPOKEN | _set("a an and of the to")
# Headings that say nothing about the document they are of.
_EMPTY = frozenset(
    {
        "about this document",
        "about this report",
        "contact information",
        "data sheet",
        "executive summary",
        "getting started",
        "product introduction",
        "summary of findings",
        "table of contents",
        "terms and conditions",
        "united states",
        "user guide",
        "user manual",
    }
)
_ENOUGH_PRINT = 60  # fewer words of running print do not tell which ones are ordinary


def is_question(line: str) -> bool:
    """Does a line read like a whole question?"""
    words = line.lower().rstrip("?").split()
    if not line.endswith("?") or len(words) not in _QUESTION_WORDS:
        return False
    return _begins_as_questions_do(words) and _is_fit(line.rstrip("?"), is_question=True)


def is_heading(line: str) -> bool:
    """Does a line read like a heading that says something?"""
    words = line.lower().split()
    if len(words) not in _HEADING_WORDS or line.lower() in _EMPTY:
        return False
    if words[-1] in _UNFINISHED or words[0] in _CONTINUING:
        return False
    is_sentence = words[0] not in _ASKING and not _SPOKEN.isdisjoint(words)
    is_torn = len(words) == 2 and line.split()[1].islower()  # "Requires improvement"
    return not (is_sentence or is_torn) and _is_fit(line, is_question=False)


def is_ordinary(line: str, ordinary: frozenset[str]) -> bool:
    """Is a heading of words that the print has in lower case? Others are names, labels and misreadings.

    One name may stand in it where a small word joins it to the others; with little print nothing is told.
    """
    if len(ordinary) < _ENOUGH_PRINT:
        return True
    words = [word for word in line.split() if _LETTERS.search(word)]
    strange = sum(word.lower() not in ordinary for word in words)
    return strange <= any(word.islower() for word in line.split())


def _begins_as_questions_do(words: Sequence[str]) -> bool:
    """Whether the words of a question are all of it; those in another language than English are trusted."""
    first = words[1] if words[0] in _PREPOSITIONS else words[0]
    return _APOSTROPHE.split(first)[0] in _ASKING or _ENGLISH.isdisjoint(words)


def _is_fit(text: str, *, is_question: bool) -> bool:
    """Whether it is all words, not shouted, and begins as sentences do."""
    words = text.split()
    real = sum(bool(_LETTERS.search(word)) for word in words)
    return (
        len(text) <= _MAX_CHARACTERS[is_question]
        and real >= max(2, len(words) // 2)
        and all(_WORD.fullmatch(word) for word in words)
        and not (text[0].islower() or text.isupper())
    )

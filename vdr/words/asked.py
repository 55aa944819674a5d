"""What a question asks for: its words, and all forms that pages may have of them."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vdr.words.earlier import earlier_terms
from vdr.words.forms import SINGLE
from vdr.words.letters import plain
from vdr.words.sequence import found_in, row_of
from vdr.words.stems import LATIN_LANGUAGES, languages_of
from vdr.words.whole import ASKING_WORDS, wholes

_AS_DRAWN = 0.8
_MOST_WORDS = 3
# Of scripts whose words fell apart, the pieces are words of their own today.
_EARLIER = 0.5
# They name hardly anything, and what is related to them means something else: "likely" to "like".
_WITHOUT_RELATIVES = frozenset(
    ["although", "because", "just", "like", "only", "though", "unlike", "very", "whether"]
)
_ARABIC = re.compile(r"[\u0621-\u06ff]{2,}")
# Chinese characters that stand alone among Japanese letters are words; in Chinese, pairs say more.
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_EDGES = re.compile(r"^\W+|\W+$")
_KANA = "\u3041-\u30ff"
_LONE_HAN = re.compile(f"(?:(?<=[{_KANA}])[{_HAN}](?![{_HAN}])|(?<![{_HAN}])[{_HAN}](?=[{_KANA}]))")


class Asked(NamedTuple):
    """How much a term counts beside the word of the question that it is a form of, and that word."""

    share: float
    word: str


def asked_words(text: str) -> list[str]:
    """The distinct words of a question that name something, as it writes them; all where none does.

    >>> asked_words("What was the net profit of the year?")
    ['net', 'profit', 'year']
    """
    distinct = list(dict.fromkeys(wholes(text)))
    return [word for word in distinct if word not in ASKING_WORDS] or distinct


def as_written(text: str) -> dict[str, list[str]]:
    """What a question writes between spaces, without the punctuation around it, and the words of each.

    >>> as_written("The pH of “Ethanol”?")
    {'The': ['the'], 'pH': ['ph'], 'of': ['of'], 'Ethanol': ['ethanol']}
    """
    written = {_EDGES.sub("", each): wholes(each) for each in text.split()}
    return {each: words for each, words in written.items() if words}


def having_relatives(words: Iterable[str]) -> list[str]:
    """Those of a question's words for which others may stand.

    >>> having_relatives(["logo", "like"])
    ['logo']
    """
    return [word for word in words if word not in _WITHOUT_RELATIVES]


def asked_terms(text: str) -> dict[str, Asked]:
    """The terms that a question asks for: its words, each for itself, then the other forms of them.

    >>> list(asked_terms("the pump houses"))
    ['pump', 'houses', 'hous', 'pumphouses']
    """
    words = dict.fromkeys(asked_words(text))
    found = {word: Asked(1.0, word) for word in words}
    for term, form in _forms(text, words):
        if form.share > found.get(term, Asked(0.0, "")).share:
            found[term] = form
    return found


def _forms(text: str, words: dict[str, None]) -> Iterator[tuple[str, Asked]]:
    texts = text.split()
    languages = languages_of(texts) or LATIN_LANGUAGES
    for term, share, start, end in found_in(row_of(texts, languages=languages, is_question=True)):
        own = [whole for each in texts[start:end] for whole in wholes(each) if whole in words]
        if having_relatives(own) or term in own:
            # What several words make stands for all of them.
            yield term, Asked(share * min(len(own), _MOST_WORDS) if share < 1 else share, own[0])
    if not text.isascii():
        for each in texts:
            yield from _beyond_ascii(each, words)


def _beyond_ascii(text: str, words: dict[str, None]) -> Iterator[tuple[str, Asked]]:
    """What a word of another script than English has only in questions."""
    own = [whole for whole in wholes(text) if whole in words]
    if not own:
        return
    for whole in own:
        yield from ((term, Asked(_AS_DRAWN, whole)) for term in _as_drawn(whole))
    yield from ((single, Asked(SINGLE, own[0])) for single in _LONE_HAN.findall(plain(text)))
    yield from ((term, Asked(_EARLIER, own[0])) for term in earlier_terms(text) if len(term) > 1)


def _as_drawn(word: str) -> Iterator[str]:
    """Arabic words as text layers have them where one glyph has several letters: poppler reverses those.

    Lam and alef are always drawn as one; so are the name of God and some words like rial.
    """
    if not _ARABIC.fullmatch(word):
        return
    ligatures = word.replace("لله", "هلل").replace("لا", "ال")
    yield from {ligatures, word[::-1]} - {word}

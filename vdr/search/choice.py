"""Which passages of a page to show: those with most of a question's words, and what they need beside them."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nlargest

from vdr.search.expected import Shows
from vdr.search.passages import Passages
from vdr.search.sought import Sought

Held = Mapping[
    int, Mapping[str, float]
]  # by passage, the words of the question that it has, and their shares

_MOST = 60  # words
_TRIED = 50  # passages, the best by themselves: what a page full of matches costs is bounded
_USUAL = 30  # words of a passage; a longer one has more matches by chance
# Found on tables, articles and reports that are no part of any evaluation; half or twice of each, and the
# answers of 146 questions that are shown are four more or fewer.
_SHOWN = 0.6  # how much more a passage counts that shows what an answer must
_AGAIN = 0.3  # what a word counts that a chosen passage has already
_AFTER, _BEFORE = 0.15, 0.05  # of all words: what it counts to stand beside a chosen passage
_SOON = 2  # passages
_FURTHEST = 10  # passages that fill what room is left
_HEADER_ROWS = 3  # where the header of a table is
_LONGEST_HEADER = 16  # words
_FURTHEST_HEADER = 60  # rows up


def choose(passages: Passages, held: Held, sought: Sought) -> list[int]:
    """The passages to show, in order, of 60 words at most unless the first alone has more.

    Words that few passages of the page have count more: what stands everywhere does not tell where the
    answer is.
    """
    if not len(passages):
        return []
    weights = rarities(len(passages), held, sought)
    scores = _scores(passages, held, weights, sought)
    chosen = _best(passages, held, weights, scores) or [0]
    chosen = _with_answer(passages, chosen, sought)
    header = _header(passages, chosen[0])
    needed = chosen[:1] if header is None else (chosen[0], header)
    return sorted(_fitting(passages, (*needed, *chosen, *_around(passages, chosen))))


def rarities(count: int, held: Held, sought: Sought) -> dict[str, float]:
    """What each word counts: its weight for the query, times the logarithm of its rarity on the page."""
    holders = Counter(word for words in held.values() for word in words)
    return {word: sought.weights[word] * math.log(1 + count / n) for word, n in holders.items()}


def emphasis(texts: Sequence[str], shows: Shows | None) -> float:
    """How much more than its words a passage counts that shows what an answer must, and a long one less."""
    return _shown(texts, shows) / _stretch(len(texts))


def _scores(passages: Passages, held: Held, weights: Mapping[str, float], sought: Sought) -> dict[int, float]:
    """The best passages by what each has by itself."""
    scores = {
        passage: _worth(words, weights) / _stretch(passages.size(passage)) for passage, words in held.items()
    }
    best = nlargest(_TRIED, scores, key=lambda passage: (scores[passage], -passage))
    return {passage: scores[passage] * _shown(passages.words(passage), sought.shows) for passage in best}


def _shown(texts: Sequence[str], shows: Shows | None) -> float:
    return 1 + _SHOWN * bool(shows and shows(texts))


def _worth(words: Mapping[str, float], weights: Mapping[str, float]) -> float:
    return sum(weights[word] * share for word, share in words.items())


def _stretch(size: int) -> float:
    return 1 + size / _USUAL


def _best(
    passages: Passages, held: Held, weights: Mapping[str, float], scores: Mapping[int, float]
) -> list[int]:
    """One passage after the other, the one first that adds most to those before it, while there is room."""
    left, room = dict(scores), _MOST
    chosen: list[int] = []
    seen: dict[str, float] = {}
    beside = sum(weights.values())
    while left:
        gains = {
            passage: score * _freshness(held[passage], weights, seen)
            + _nearness(passage, chosen) * beside / _stretch(passages.size(passage))
            for passage, score in left.items()
        }
        best = max(gains, key=lambda passage: (gains[passage], -passage))
        del left[best]
        if passages.size(best) <= room or not chosen:
            chosen.append(best)
            room -= passages.size(best)
            seen |= {word: max(share, seen.get(word, 0.0)) for word, share in held[best].items()}
        left = {passage: score for passage, score in left.items() if passages.size(passage) <= room}
    return chosen


def _freshness(words: Mapping[str, float], weights: Mapping[str, float], seen: Mapping[str, float]) -> float:
    """How much of a passage's words counts after what was seen: 1 if all are new."""
    new = {word: max(share - seen.get(word, 0.0), 0.0) for word, share in words.items()}
    return _AGAIN + (1 - _AGAIN) * _worth(new, weights) / _worth(words, weights)


def _nearness(passage: int, chosen: Sequence[int]) -> float:
    return _AFTER if passage - 1 in chosen else _BEFORE if passage + 1 in chosen else 0.0


def _with_answer(passages: Passages, chosen: Sequence[int], sought: Sought) -> list[int]:
    """A passage soon after the best one too, if only that shows what an answer must; others make room."""
    best, shows = chosen[0], sought.shows
    if shows is None or shows(passages.words(best)):
        return list(chosen)
    after = range(best + 1, min(best + 1 + _SOON, len(passages)))
    answer = next((each for each in after if shows(passages.words(each))), None)
    return list(chosen) if answer is None else _fitting(passages, (best, answer, *chosen[1:]))


def _header(passages: Passages, row: int) -> int | None:
    if row not in passages.rows:
        return None
    top = row
    while row - top < _FURTHEST_HEADER and {top - 1, top - 2} & passages.rows:
        top = top - 1 if top - 1 in passages.rows else top - 2
    first = [each for each in range(top, min(top + _HEADER_ROWS, row)) if each in passages.rows]
    headers = [each for each in first if is_header(passages.words(each))]
    return headers[-1] if headers else None


def is_header(words: Sequence[str]) -> bool:
    """Whether a row has names and years, no amounts."""
    amounts = (word for word in words if any(c.isdigit() for c in word))
    return len(words) <= _LONGEST_HEADER and all(_is_year(word) for word in amounts)


def _is_year(word: str) -> bool:
    digits = "".join(c for c in word if c.isdigit())
    return len(digits) <= 2 or (len(digits) == 4 and digits[:2] in {"19", "20"})


def _fitting(passages: Passages, wanted: Iterable[int]) -> list[int]:
    """Those of the passages that there is room for, the first ones first, each once."""
    room, chosen = _MOST, list[int]()
    for passage in dict.fromkeys(wanted):
        if passages.size(passage) <= room or not chosen:
            chosen.append(passage)
            room -= passages.size(passage)
    return chosen


def _around(passages: Passages, chosen: Sequence[int]) -> Iterator[int]:
    """The passages after and before these, the nearest ones first."""
    for distance in range(1, _FURTHEST + 1):
        for passage in chosen:
            yield from (
                each for each in (passage + distance, passage - distance) if 0 <= each < len(passages)
            )

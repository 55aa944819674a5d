"""What people agree on: their judgements of pages brought together, and who disagrees with most others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vdr.feedback import FeedbackKind
from vdr.types import PageRef

_SIGNS = {FeedbackKind.RIGHT: 1.0, FeedbackKind.EXPECTED: 1.0, FeedbackKind.WRONG: -1.0}
_FEWEST_COMPARED, _MOST_DISAGREED = 5, 0.5


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody thinks of a page for a question in words; `who` is "" where nobody knows."""

    who: str
    kind: FeedbackKind
    text: str
    page: PageRef
    feedback_id: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What all think of a page for a question, from -1 (wrong) to 1 (right), and of which votes it is made.

    `weight` is how much those count together who have voted; `is_disputed` tells that not all agree.
    """

    score: float
    weight: float
    is_disputed: bool
    feedback_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reporter:
    """Somebody who judges; of their `compared` votes, those on pages that others judge as well, so many
    `disagreed` with most.
    """

    who: str
    weight: float
    votes: int
    compared: int
    disagreed: int

    @property
    def is_outlier(self) -> bool:
        """Whether most of a few votes or more disagree with those of others."""
        return self.compared >= _FEWEST_COMPARED and self.disagreed > _MOST_DISAGREED * self.compared


Asked = tuple[str, PageRef]


def asked_alike(text: str) -> str:
    """What questions have in common that count as one.

    >>> asked_alike("Net  sales by Region?")
    'net sales by region'
    """
    return " ".join(text.lower().split()).rstrip(" ?!.")


def opinions(votes: Iterable[Vote], weights: Mapping[str, float]) -> dict[Asked, Opinion]:
    """What is thought of each page, by question and page. Whoever votes often counts once, with their weight.

    A weight is 1 where none is given; who has 0 does not count.
    """
    ids: defaultdict[Asked, list[str]] = defaultdict(list)
    thought = _thought(votes, ids)
    found: dict[Asked, Opinion] = {}
    for asked, by_who in thought.items():
        counted = {who: weights.get(who, 1.0) for who in by_who if weights.get(who, 1.0) > 0}
        total = sum(counted.values())
        if total:
            score = sum(weight * by_who[who] for who, weight in counted.items()) / total
            found[asked] = Opinion(score, total, abs(score) < 1, tuple(ids[asked]))
    return found


def reporters(votes: Iterable[Vote], weights: Mapping[str, float]) -> list[Reporter]:
    """Everybody who judges, those first who disagree most often; votes of nobody knows whom are left out."""
    counts: defaultdict[str, int] = defaultdict(int)
    compared: defaultdict[str, int] = defaultdict(int)
    disagreed: defaultdict[str, int] = defaultdict(int)
    all_votes = list(votes)
    for vote in all_votes:
        counts[vote.who] += 1
    for by_who in _thought(all_votes, defaultdict(list)).values():
        for who, own in by_who.items():
            others = sum(weights.get(each, 1.0) * said for each, said in by_who.items() if each != who)
            if own and others:
                compared[who] += 1
                disagreed[who] += (own > 0) != (others > 0)
    found = [
        Reporter(who, weights.get(who, 1.0), counts[who], compared[who], disagreed[who])
        for who in counts
        if who
    ]
    return sorted(found, key=lambda each: (not each.is_outlier, -each.disagreed, -each.votes, each.who))


def _thought(votes: Iterable[Vote], ids: defaultdict[Asked, list[str]]) -> dict[Asked, dict[str, float]]:
    """What each thinks of a page on average, by question and page; `ids` gets those of the votes."""
    said: defaultdict[Asked, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for vote in votes:
        asked = asked_alike(vote.text), vote.page
        said[asked][vote.who].append(_SIGNS[vote.kind])
        ids[asked].append(vote.feedback_id)
    return {
        asked: {who: sum(each) / len(each) for who, each in by_who.items()} for asked, by_who in said.items()
    }

"""What each question found before and after a training, and which of them are worth looking at."""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from training.fit.run_folder import RunFolder
from training.report.facts import read_part
from training.report.wording import places

FAILURES, LOSSES, GAINS = 24, 12, 6
_RIGHT_PAGES = 2  # shown of a question that has more
_SEED = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """A page under a question: whether it is right, and what part it played."""

    page_id: str
    is_right: bool
    role: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question with its right pages, and nDCG@10 and the first pages found before and after."""

    query: str
    expected: tuple[str, ...]
    before: float
    after: float
    found_before: tuple[str, ...]
    found_after: tuple[str, ...]

    @property
    def unshown(self) -> int:
        """How many of its right pages are left out of its figures."""
        return len(self.expected) - len([each for each in self.figures() if each.is_right])

    @property
    def is_first(self) -> bool:
        """Whether a right page is the first one found after training."""
        return self.found_after[0] in self.expected

    def figures(self) -> list[Figure]:
        """Its pages side by side, none twice: the right ones, then what came first before and after."""
        right = [Figure(page_id, True, self._places(page_id)) for page_id in self.expected[:_RIGHT_PAGES]]
        shown = {each.page_id for each in right}
        first = dict.fromkeys((self.found_before[0], self.found_after[0]))
        others = [page_id for page_id in first if page_id not in shown]
        return right + [Figure(each, each in self.expected, self._first_for(each)) for each in others]

    def _places(self, page_id: str) -> str:
        before, after = (
            found.index(page_id) + 1 if page_id in found else None
            for found in (self.found_before, self.found_after)
        )
        return places(before, after, len(self.found_after))

    def _first_for(self, page_id: str) -> str:
        if self.found_before[0] == self.found_after[0]:
            return "first for both"
        return "first for the base" if page_id == self.found_before[0] else "first after training"


@dataclass(frozen=True, slots=True)
class Group:
    """Answers under one heading, a few of `total`."""

    title: str
    order: str
    shown: tuple[Outcome, ...]
    total: int


def read_answers(folder: RunFolder) -> list[Outcome]:
    """Every answer of a run, in a random order that is always the same.

    Many score alike, and questions of one document stand together in the file: sorted by score, those of
    the first document would be all there is to see.
    """
    lines = read_part(folder.answers).decode().splitlines()
    return random.Random(_SEED).sample([_answer(line) for line in lines], len(lines))


def groups(answers: Sequence[Outcome]) -> list[Group]:
    """What to look at, each answer once at most: what is still wrong, what became worse, what better."""
    worse = [each for each in answers if each.after < each.before]
    missed = [each for each in answers if not each.is_first and each.after >= each.before]
    better = [each for each in answers if each.is_first and each.after > each.before]
    return [
        _group("Still wrong after training", "worst", sorted(missed, key=lambda each: each.after), FAILURES),
        _group("Made worse by training", "most worsened", sorted(worse, key=_change), LOSSES),
        _group("Fixed by training", "most improved", sorted(better, key=_change, reverse=True), GAINS),
    ]


def _group(title: str, order: str, answers: Sequence[Outcome], count: int) -> Group:
    return Group(title, order, tuple(answers[:count]), len(answers))


def _change(answer: Outcome) -> float:
    return answer.after - answer.before


def _answer(line: str) -> Outcome:
    told = json.loads(line)
    base, tuned = told["base"], told["tuned"]
    return Outcome(
        told["query"],
        tuple(told["expected"]),
        base["ndcg@10"],
        tuned["ndcg@10"],
        tuple(base["found"]),
        tuple(tuned["found"]),
    )

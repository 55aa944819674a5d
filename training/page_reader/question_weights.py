"""How much each word of a question tells, learned from questions whose pages are known.

The score of a page is BM25's, each word of the question times a weight of its own, which starts at 1; softmax
cross-entropy over the pages teaches the weights. Words that are rarely asked stay near 1, and numbers at 1:
which year is asked for says nothing about the next one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch.nn import functional as F

from training.page_reader.synonyms import Corpus
from vdr.index.bm25 import page_terms, term_index
from vdr.types import Box, Word
from vdr.words import asked_words

# Chosen by learning on one half of TAT-QA's training pages and ranking the other
# (docs/decisions/0010-questions.md).
_TEMPERATURE, _DECAY = 2.0, 1.0
_STEPS, _LEARNING_RATE = 60, 0.1
# Of pages only the text is known: all of it is printed alike.
_ANYWHERE = Box(0, 0, 1, 1)
_LEAST_ASKED = 3
SMALLEST, LARGEST = 0.25, 3.0


@dataclass(frozen=True)
class LearnedFrom:
    """Questions by their terms, the place of the page that answers each, and the words to be weighed."""

    terms: Sequence[Sequence[str]]
    answers: torch.Tensor  # (questions,)
    words: Sequence[str]

    @classmethod
    def of(cls, questions: Sequence[tuple[str, int]]) -> "LearnedFrom":
        """Takes in questions with the places of the pages that answer them."""
        split = [asked_words(question) for question, _ in questions]
        times = Counter(term for each in split for term in each)
        words = [term for term, count in times.items() if count >= _LEAST_ASKED and not _has_digit(term)]
        return cls(split, torch.tensor([answer for _, answer in questions]), words)


def learn_weights(
    questions: Sequence[tuple[str, int]], pages: Sequence[str], corpus: Corpus
) -> dict[str, float]:
    """The weights of words, from questions and the places of their answers among the texts of pages."""
    asked = LearnedFrom.of(questions)
    scores = _Scores(asked, pages, corpus)
    logarithms = torch.zeros(len(asked.words), requires_grad=True)
    optimizer = torch.optim.Adam([logarithms], lr=_LEARNING_RATE)
    for _ in range(_STEPS):
        ranked = scores.of(logarithms.exp()) / _TEMPERATURE  # (questions, pages)
        loss = F.cross_entropy(ranked, asked.answers, reduction="sum") + _DECAY * logarithms.square().sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    weights = logarithms.detach().exp().clamp(SMALLEST, LARGEST).tolist()
    return {word: round(weight, 2) for word, weight in zip(asked.words, weights, strict=True)}


class _Scores:
    """BM25 of every page for every question, as the weights of words would have it."""

    def __init__(self, asked: LearnedFrom, pages: Sequence[str], corpus: Corpus) -> None:
        terms = sorted({term for each in asked.terms for term in each})
        rows = {term: row for row, term in enumerate(terms)}
        weighed = {word: place for place, word in enumerate(asked.words)}
        pairs = [(n, term) for n, each in enumerate(asked.terms) for term in each]
        self._questions = torch.tensor([n for n, _ in pairs])
        self._weighed = torch.tensor([weighed.get(term, len(weighed)) for _, term in pairs])
        table = _bm25(terms, pages, corpus)  # (terms, pages)
        self._parts = table[torch.tensor([rows[term] for _, term in pairs])]  # (words of questions, pages)
        self._shape = (len(asked.terms), len(pages))

    def of(self, weights: torch.Tensor) -> torch.Tensor:
        """Scores (questions, pages)."""
        each = torch.cat([weights, torch.ones(1)])[self._weighed]
        return torch.zeros(self._shape).index_add(0, self._questions, each[:, None] * self._parts)


def _bm25(terms: Sequence[str], pages: Sequence[str], corpus: Corpus) -> torch.Tensor:
    rows = {term_index(term): row for row, term in enumerate(terms)}
    table = torch.zeros(len(terms), len(pages))
    for place, page in enumerate(pages):
        vector = page_terms([Word(word, _ANYWHERE) for word in page.split()])
        for index, value in zip(vector.indices, vector.values, strict=True):
            if index in rows:
                table[rows[index], place] = value
    return table * torch.tensor([corpus.idf(term) for term in terms])[:, None]


def _has_digit(term: str) -> bool:
    return any(character.isdigit() for character in term)

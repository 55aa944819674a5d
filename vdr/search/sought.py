"""What a question seeks on a page: the terms that stand for its words, and what its answer has to show."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from vdr.search.expected import Shows, expected
from vdr.types import QueryVectors
from vdr.words import having_relatives

# Of the word itself; benchmarks/snippets.py finds as many answers with anything near.
_FORM, _RELATED = 0.8, 0.4
_LEAST = 0.05
_FLATTER = 0.5  # the weights by which pages are found say too much where all words are on the page


@dataclass(frozen=True)
class Sought:
    """The words of a question, each with what it counts, and terms with the word that each stands for.

    A term has a share of what its word counts. `shows` tells whether words show what an answer must, a
    number where one is asked for; None: nothing in particular.
    """

    terms: Mapping[str, tuple[str, float]]
    weights: Mapping[str, float]
    shows: Shows | None = None

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The terms to look for."""
        return frozenset(self.terms)

    @cached_property
    def whole(self) -> float:
        """What all words count together."""
        return sum(self.weights.values())

    def reach(self, found: Iterable[str]) -> float:
        """What the words count that these terms stand for."""
        words: dict[str, float] = {}
        for word, share in (self.terms[term] for term in found):
            words[word] = max(share, words.get(word, 0.0))
        return sum(self.weights[word] * share for word, share in words.items())


def sought_by(query: QueryVectors, question: str | None = None) -> Sought:
    """What a query seeks, and what its answer shows where it is a `question`."""
    terms = {term: (word, _RELATED) for term, word in query.related.items()}
    terms |= {term: (word, _FORM) for term, word in query.forms.items()}
    terms |= {word: (word, 1.0) for word in having_relatives(query.terms) or query.terms}
    words = dict.fromkeys(word for word, _ in terms.values())
    weights = {word: max(query.term_weights.get(word, 1.0), _LEAST) ** _FLATTER for word in words}
    return Sought(terms, weights, expected(question) if question else None)

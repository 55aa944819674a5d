"""Terms: where the words of a query stand on a page, themselves, in other forms or as related words."""

from collections.abc import Sequence

import numpy as np

from vdr.models.explanation.answers import best_regions
from vdr.models.query_embedder import with_terms
from vdr.page_reader.questions import QuestionWords
from vdr.types import QueryVectors, Region, Word
from vdr.words import row_of, wanted_in

_NOWHERE = np.zeros(0, np.float32)  # only the words of the text are looked for


def regions_of_terms(question: QuestionWords, text: str, words: Sequence[Word]) -> tuple[Region, ...]:
    """The words that a text is looked up by in the sparse indexes, each weighing what it counts there.

    Where a word itself stands on the page, its other forms and related words are left out: a compound would
    name one word and cover two.
    """
    asked = with_terms(QueryVectors(_NOWHERE), question, text)
    stand_for = {**asked.related, **asked.forms, **{term: term for term in asked.terms}}
    rows = {word: row for row, word in enumerate(dict.fromkeys(stand_for.values()))}
    boxes, wanted = [word.box for word in words], frozenset(stand_for)
    found = list(wanted_in(row_of([word.text for word in words], boxes, wanted=wanted), wanted))
    there = {each.term for each in found} & rows.keys()
    gains = np.zeros((len(rows), len(words)), np.float32)
    for term, _, start, end in found:
        if term in there or stand_for[term] not in there:
            here = gains[rows[stand_for[term]], start:end]
            np.maximum(here, asked.term_weights[term], out=here)
    return best_regions(gains, boxes, [(word,) for word in rows])

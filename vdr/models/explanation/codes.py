"""Codes: which words of a page the page reader's late interaction finds a question's words in."""

from collections.abc import Sequence

import numpy as np

from vdr.models.explanation.answers import best_regions
from vdr.models.threads import one_thread
from vdr.page_reader.modules import QueryText, WordSuperposition
from vdr.page_reader.tracing import trace
from vdr.types import Region, Word
from vdr.words import asked_words, wholes


@one_thread()
def regions_of_codes(
    superposition: WordSuperposition, question: QueryText, text: str, words: Sequence[Word]
) -> tuple[Region, ...]:
    """The words of a page whose codes answer those of a text: the words themselves, or related ones."""
    traced = trace(superposition, question, text, words)
    rows = [row for row, word in enumerate(traced.asked) if word in set(asked_words(text))]
    columns = {term: column for column, term in enumerate(traced.terms)}
    gains = np.zeros((len(rows), len(words)), np.float32)
    for place, word in enumerate(words):
        for column in (columns[term] for term in wholes(word.text) if term in columns):
            gains[:, place] = np.maximum(gains[:, place], traced.gains[rows, column])
    return best_regions(gains, [word.box for word in words], [(traced.asked[row],) for row in rows])

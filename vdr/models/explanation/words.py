"""Words by their tokens: which words of a page those of a query are nearest to, for models that read."""

from collections.abc import Sequence

import numpy as np

from vdr.models.explanation.answers import above_middle, best_regions
from vdr.models.explanation.tokens import Tokens
from vdr.types import FloatArray, Region, Word


def regions_of_words(
    query: FloatArray,
    asked: Sequence[Sequence[str]],
    windows: Sequence[tuple[Tokens, Sequence[Word]]],
) -> tuple[Region, ...]:
    """The words that answer the query's vectors (tokens, dims), of all windows of a page.

    A word is as near to a token of the query as the nearest of its own tokens; one without any, such as
    punctuation that a model passes over, answers nothing.
    """
    boxes = [words[place].box for tokens, words in windows for place in dict.fromkeys(tokens.words)]
    nearest = [_nearest(query @ tokens.rows.T, tokens.words) for tokens, _ in windows]
    return best_regions(above_middle(np.concatenate(nearest, axis=1)), boxes, asked) if boxes else ()


def _nearest(similarities: FloatArray, words: Sequence[int]) -> FloatArray:
    """The best similarity of each word (query tokens, words), in the order in which they come up."""
    columns = {word: column for column, word in enumerate(dict.fromkeys(words))}
    best = np.full((len(similarities), len(columns)), -np.inf, np.float32)
    for token, word in enumerate(words):
        best[:, columns[word]] = np.maximum(best[:, columns[word]], similarities[:, token])
    return best

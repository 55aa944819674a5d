"""Where late interaction between a text and a page comes from: word by word, as MaxSim adds it up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from vdr.page_reader.features import count_words
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition
from vdr.types import FloatArray, Word
from vdr.vectors import chance
from vdr.words import wholes


@dataclass(frozen=True, slots=True, eq=False)
class Traced:
    """What each code of a page (the term it is of) does for each word of a text: `gains` (asked, terms)."""

    asked: tuple[str, ...]
    terms: tuple[str, ...]
    gains: FloatArray


@torch.inference_mode()
def trace(superposition: WordSuperposition, question: QueryText, text: str, words: Sequence[Word]) -> Traced:
    """Takes apart the codes of a text, in which related words are added to those that they stand for.

    So a related word that the page has is told from chance, which in the sum would hide it: it counts a
    fifth of the word. A code does for a word what its cosine is above chance, times confidence and weight.
    """
    features, page = question.preprocess([text]), PageImage.of_words([list(words)])
    is_asked, is_there = features["word_counts"] > 0, page["word_counts"][0] > 0
    asked = tuple(dict.fromkeys(wholes(text)))
    terms = [term for term, there in zip(count_words(words), is_there.tolist(), strict=True) if there]
    if not asked or not terms:
        return Traced(asked, tuple(terms), np.zeros((len(asked), len(terms)), np.float32))
    hashes, own = page["input_ids"][0, is_there], features["input_ids"][is_asked]
    kept = superposition.kept(superposition.codes.query_weights_of(hashes))
    codes = superposition.short_codes(superposition.codes.codes_of(hashes[kept]))  # (terms, region_dims)
    rows = superposition.short_codes(superposition.codes.codes_of(own))  # of asked and of related words
    floor = chance(superposition.region_dims)
    above = ((rows @ codes.T - floor) / (1 - floor)).clamp(min=0.0)
    shares = superposition.shares_of(features, own, is_asked)[:, None]
    gains = above * page["word_confidence"][0, is_there][kept] * shares
    groups = features["word_groups"][is_asked][:, None].expand_as(gains)
    best = torch.zeros(len(asked), len(kept)).scatter_reduce(0, groups, gains, "amax")
    return Traced(asked, tuple(terms[place] for place in kept.tolist()), best.numpy())

"""Late interaction explained: a query's tokens beside the patches of a page, or beside its words."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image
from sentence_transformers import MultiVectorEncoder

from vdr.models.explanation.lines import regions_of_lines
from vdr.models.explanation.occlusion import regions_by_occlusion
from vdr.models.explanation.patches import patches_of, regions_of_patches
from vdr.models.explanation.tokens import made_by, plain_words, tokens_of_words, words_in
from vdr.models.explanation.words import regions_of_words
from vdr.models.text_windows import stretches_of
from vdr.types import FloatArray, Region, Word

# What a model makes of images or of texts, as pages.
Encode = Callable[[Sequence[Any]], list[FloatArray]]


class AskedTokens(NamedTuple):
    """Vectors (tokens, dims) of a query, and the words of it that each is of; none where nobody knows."""

    rows: FloatArray
    words: list[tuple[str, ...]]


def asked_tokens(
    model: MultiVectorEncoder,
    tokenizer: Any,  # noqa: ANN401 - any library's
    query: str,
    dims: int,
) -> AskedTokens | None:
    """Those of the words that name something, without what a model adds to a query."""
    parts, named = words_in(query)
    plain = plain_words(parts, tokenizer)
    made = made_by(model.encode_query, {"text": " ".join(plain)})
    tokens = tokens_of_words(made, plain, tokenizer, dims, _prompt(model, "query"))
    if tokens is None:
        return None
    kept = [place for place, word in enumerate(tokens.words) if named[word]]
    return AskedTokens(tokens.rows[kept], [named[tokens.words[place]] for place in kept]) if kept else None


def explained_by_patches(
    model: MultiVectorEncoder, asked: AskedTokens, image: Image.Image, encode: Encode
) -> tuple[Region, ...]:
    """The patches that the tokens are nearest to; by occlusion where it is not known where patches stand."""
    patches = patches_of(model, image, asked.rows.shape[1])
    if patches is not None:
        return regions_of_patches(asked.rows, asked.words, *patches, image)
    return regions_by_occlusion(image, lambda images: _likeness(asked.rows, encode(images)))


def explained_by_words(
    model: MultiVectorEncoder,
    tokenizer: Any,  # noqa: ANN401 - any library's
    asked: AskedTokens,
    words: Sequence[Word],
    windows: Sequence[str],
    encode: Encode,
) -> tuple[Region, ...]:
    """The words that the tokens are nearest to; lines where it is not known which words tokens are of."""
    if not words:
        return ()
    found = []
    for stretch in stretches_of(windows, [word.text for word in words]):
        shown = words[stretch.start : stretch.stop]
        plain = plain_words([word.text for word in shown], tokenizer)
        made = made_by(model.encode_document, {"text": " ".join(plain)})
        tokens = tokens_of_words(made, plain, tokenizer, asked.rows.shape[1], _prompt(model, "document"))
        if tokens is None:
            return regions_of_lines(words, lambda texts: _likeness(asked.rows, encode(texts)))
        found.append((tokens, shown))
    return regions_of_words(asked.rows, asked.words, found)


def _prompt(model: MultiVectorEncoder, task: str) -> str:
    return (model.prompts or {}).get(task) or ""


def _likeness(query: FloatArray, pages: Sequence[FloatArray]) -> FloatArray:
    """The MaxSim of each page, as the mean over the query's tokens."""
    return np.array([(query @ rows.T).max(axis=1).mean() for rows in pages], np.float32)

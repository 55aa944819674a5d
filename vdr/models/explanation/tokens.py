"""Tokens and what they are of: those of a query its words, those of a text the words that it was made of.

`real_query_token_slice` of Sentence Transformers finds the tokens of a query too, but takes it as bare text,
which a model of images may take for the address of one, and sets the tokenizer that other threads embed with.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from vdr.models.inputs import plain_text
from vdr.types import FloatArray
from vdr.vectors import truncate
from vdr.words import asked_words, wholes


class Tokens(NamedTuple):
    """Vectors (tokens, dims) of length 1, and which of the words each token is of, by their places."""

    rows: FloatArray
    words: tuple[int, ...]


def tokens_of_words(
    made: dict[str, Any],
    texts: Sequence[str],
    tokenizer: Any,  # noqa: ANN401 - any library's tokenizer
    dims: int,
    prompt: str = "",
) -> Tokens | None:
    """The tokens of a text of these words, joined by spaces, in what a model makes of it token by token.

    `made` is what `made_by` gives. None where its tokens cannot be told apart: those of a tokenizer that does
    not say where they stand, or that are pooled.
    """
    rows, ids = made["token_embeddings"], made["input_ids"].tolist()
    if len(rows) != len(ids) or not getattr(tokenizer, "is_fast", False):
        return None
    counts = made["attention_mask"].bool().tolist()
    # A template may put other tokens between the two.
    found = max((_found(ids, texts, lead, tokenizer) for lead in (prompt, "")), key=len)
    kept = {place: word for place, word in found.items() if counts[place]}
    return Tokens(truncate(matrix_of(rows)[list(kept)], dims), tuple(kept.values()))


def words_in(text: str) -> tuple[list[str], list[tuple[str, ...]]]:
    """The parts of a query between spaces, and the words of each that name something; see `asked_words`.

    >>> words_in("What was Q3's profit?")
    (['What', 'was', "Q3's", 'profit?'], [(), (), ("q3's",), ('profit',)])
    """
    asked = set(asked_words(text))
    parts = text.split()
    return parts, [tuple(whole for whole in wholes(part) if whole in asked) for part in parts]


def plain_words(texts: Sequence[str], tokenizer: Any) -> list[str]:  # noqa: ANN401
    """The words without special tokens; see `plain_text`."""
    return [plain_text(text, tokenizer)["text"] for text in texts]


def made_by(encode: Callable[..., Any], given: object) -> dict[str, Any]:
    """Everything that a model makes of one input, token by token, before anything is left out."""
    made: dict[str, Any] = encode([given], output_value=None, show_progress_bar=False)[0]
    return made


def matrix_of(rows: Tensor) -> FloatArray:
    """A tensor of any precision and device as numbers to compute with."""
    matrix: FloatArray = rows.float().cpu().numpy()
    return matrix


def _found(ids: Sequence[int], texts: Sequence[str], lead: str, tokenizer: Any) -> dict[int, int]:  # noqa: ANN401
    """The places of a text's tokens among those of `ids`, each with its word; fewer where it was cut off."""
    text = lead + " ".join(texts)
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    start, count = _longest_run(ids, encoded["input_ids"])
    words = [None] * len(lead) + _words_by_character(texts)
    ends = [end for _, end in encoded["offset_mapping"][:count]]
    found = {start + n: words[end - 1] for n, end in enumerate(ends) if end}
    return {place: word for place, word in found.items() if word is not None}


def _words_by_character(texts: Sequence[str]) -> list[int | None]:
    """Which word each character of the joined words is of; None for the spaces between them."""
    return [word for n, text in enumerate(texts) for word in (*[n] * len(text), None)]


def _longest_run(ids: Sequence[int], wanted: Sequence[int]) -> tuple[int, int]:
    """Where the longest beginning of the wanted ids stands, and how long it is."""
    best = (0, 0)
    for start in range(len(ids)):
        count = 0
        while start + count < len(ids) and count < len(wanted) and ids[start + count] == wanted[count]:
            count += 1
        best = max(best, (start, count), key=lambda run: run[1])
    return best

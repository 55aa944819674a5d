"""Windows: a page's words cut into stretches that a model can take at once."""

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Any

CountTokens = Callable[[Sequence[str]], list[int]]

_SHORTEST = 8
_LONGEST = 8_192  # some say that they take a billion


def text_windows(words: Sequence[str], tokenizer: Any, length: int) -> list[str]:  # noqa: ANN401 - any library's tokenizer
    """The words in order, in as few windows of at most `length` tokens as there have to be, about as long.

    A longer word is a window of its own, of which the model takes the beginning. One empty window without
    any words.
    """
    return windows_of(words, partial(_sizes, tokenizer), length)


def windows_of(words: Sequence[str], count_tokens: CountTokens, length: int) -> list[str]:
    """The same by whatever counts the tokens of texts."""
    if not words:
        return [""]
    sizes = [max(1, tokens) for tokens in count_tokens([f" {word}" for word in words])]
    even = math.ceil(sum(sizes) / math.ceil(sum(sizes) / length)) + max(sizes)
    bounds = _bounds(sizes, min(length, even))
    return [" ".join(words[start:stop]) for start, stop in pairwise(bounds)]


def word_windows(words: Sequence[str], length: int) -> list[str]:
    """The same in windows of at most `length` words."""
    count = math.ceil(len(words) / length) or 1
    bounds = [round(place * len(words) / count) for place in range(count + 1)]
    return [" ".join(words[start:stop]) for start, stop in pairwise(bounds)]


def stretches_of(windows: Sequence[str], words: Sequence[str]) -> list[range]:
    """Which of the words each of their windows has, by their places.

    >>> stretches_of(["net sales", "rose"], ["net", "sales", "rose"])
    [range(0, 2), range(2, 3)]
    """
    ends = [0, *accumulate(len(word) + 1 for word in words)]
    bounds = [0]
    for window in windows:
        bounds.append(ends.index(ends[bounds[-1]] + len(window) + 1) if words else 0)
    return [range(start, stop) for start, stop in pairwise(bounds)]


def _sizes(tokenizer: Any, texts: Sequence[str]) -> list[int]:  # noqa: ANN401
    encoded = tokenizer(list(texts), add_special_tokens=False, verbose=False)
    return [len(tokens) for tokens in encoded["input_ids"]]


def _bounds(sizes: Sequence[int], length: int) -> list[int]:
    """Where windows begin, and where the last one ends."""
    bounds, start = [0], 0
    for place, end in enumerate(accumulate(sizes)):
        if end - start > length and place > bounds[-1]:
            bounds.append(place)
            start = end - sizes[place]
    return [*bounds, len(sizes)]


def window_length(model: Any) -> int:  # noqa: ANN401 - either of two kinds of model
    """How many tokens of a page a model takes at once, beside those that it adds itself."""
    tokenizer = model.tokenizer
    prompt = (getattr(model, "prompts", None) or {}).get("document", "")
    # Of documents some take fewer than they could (ColBERT); `document_length` is then their limit.
    lengths = (model.max_seq_length or tokenizer.model_max_length, getattr(model[0], "document_length", None))
    longest = min(int(length) for length in lengths if length)
    added = int(tokenizer.num_special_tokens_to_add()) + len(tokenizer.tokenize(prompt))
    return max(_SHORTEST, min(longest, _LONGEST) - added)

"""Makes queries and pages safe to show to a vision-language model."""

import math
from collections.abc import Sequence
from typing import Any

from PIL import Image

from vdr.types import QueryInput
from vdr.words import wholes

# Models refuse images much longer than wide (Qwen3-VL over 200 times); such a strip is padded with white.
_MAX_ASPECT = 100


def plain_text(text: str, tokenizer: Any) -> dict[str, str]:  # noqa: ANN401 - any library's tokenizer
    """A text that stays one: left to guess, a model would fetch what looks like an image's address.

    Nor may it contain special tokens, which mean images and turns of a conversation to the model.
    """
    for token in getattr(tokenizer, "all_special_tokens", ()):
        text = text.replace(token, " ")
    return {"text": text}


def broadened(image: Image.Image) -> Image.Image:
    """The image, on white where one side is over _MAX_ASPECT times the other."""
    least = math.ceil(max(image.size) / _MAX_ASPECT)
    if min(image.size) >= least:
        return image
    broad = Image.new("RGB", (max(image.width, least), max(image.height, least)), "white")
    broad.paste(image)
    return broad


def says_nothing(query: QueryInput) -> bool:
    """Whether a query is in words and has none."""
    return isinstance(query, str) and not wholes(query)


def texts_of(queries: Sequence[QueryInput]) -> list[tuple[int, str]]:
    """The queries in words, each with its place."""
    return [(place, query) for place, query in enumerate(queries) if isinstance(query, str)]


def images_of(queries: Sequence[QueryInput]) -> list[tuple[int, Image.Image]]:
    """The queries that are images, each with its place."""
    return [(place, query) for place, query in enumerate(queries) if not isinstance(query, str)]

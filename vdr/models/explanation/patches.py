"""Token maps: which patches of a page image the words of a query are nearest to.

Faysse et al., ColPali, ICLR 2025, section 5; the grid of patches is what Sentence Transformers' own
interpretability says of a processor.
"""

from typing import Any

import numpy as np
from PIL import Image
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.multi_vector_encoder.interpretability import get_n_patches

from vdr.models.explanation.answers import above_middle, best_regions
from vdr.models.explanation.blank import grid_of, shows_something
from vdr.models.explanation.tokens import made_by, matrix_of
from vdr.models.inputs import broadened
from vdr.types import Box, FloatArray, Region
from vdr.vectors import truncate

# What processors without a grid raise when they are asked for one.
_NO_GRID = (NotImplementedError, ValueError, LookupError, AttributeError)


def patches_of(
    model: MultiVectorEncoder, image: Image.Image, dims: int
) -> tuple[FloatArray, list[Box]] | None:
    """Vectors (patches, dims) of length 1 of a page's patches, not pooled, and where they stand on the page.

    None where the model's processor has no grid, or its vectors are not one for each patch.
    """
    shown = broadened(image)
    try:
        columns, rows = get_n_patches(model, shown.size)
    except _NO_GRID:
        return None
    made = made_by(model.encode_document, shown)
    vectors = _of_patches(made, model, columns * rows)
    if vectors is None:
        return None
    # Padding is right of the page or below it.
    padded = shown.width / image.width, shown.height / image.height
    return truncate(vectors, dims), grid_of(columns, rows, across=padded[0], down=padded[1])


def regions_of_patches(
    query: FloatArray, words: list[tuple[str, ...]], patches: FloatArray, boxes: list[Box], image: Image.Image
) -> tuple[Region, ...]:
    """The patches that answer the query's vectors (tokens, dims); none of paper, whatever it is near to.

    Models note in patches without any print what the page as a whole is about.
    """
    similarities = above_middle(query @ patches.T)  # (tokens, patches)
    kept = [place for place, box in enumerate(boxes) if box.x0 < 1 and box.y0 < 1]
    shows = shows_something(image, [boxes[place] for place in kept])
    kept = [place for place, shown in zip(kept, shows, strict=True) if shown]
    return best_regions(similarities[:, kept], [boxes[place] for place in kept], words)


def _of_patches(made: dict[str, Any], model: MultiVectorEncoder, count: int) -> FloatArray | None:
    rows = matrix_of(made["token_embeddings"])
    processor = model.processor
    token = getattr(processor, "image_token", None)
    if token is None or "input_ids" not in made:
        return rows if len(rows) == count else None
    is_patch = made["input_ids"].cpu().numpy() == processor.tokenizer.convert_tokens_to_ids(token)
    if len(is_patch) != len(rows) or np.count_nonzero(is_patch) != count:
        return None
    patches: FloatArray = rows[is_patch]
    return patches

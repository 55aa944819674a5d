"""What a teacher knows: its vectors, or its scores of each query's pages, as labels to learn from."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from sentence_transformers import MultiVectorEncoder, SentenceTransformer

from training.fit.config import EmbedderLossSection
from training.fit.data import QUERY, TrainingData
from training.fit.model import checkpoint_path, training_device
from vdr.errors import BadInput
from vdr.models.checkpoint import is_late_interaction, open_checkpoint, open_multi_vector

Teacher = SentenceTransformer | MultiVectorEncoder
Labels = list[Any]


def teach(section: EmbedderLossSection, data: TrainingData, *, dims: int, batch_size: int) -> Labels | None:
    """A label for every row of `data`, or None where there is no teacher.

    `distill-vectors`: the teacher's unit vectors (columns, dims), cut to the first `dims` of its own.
    `distill-scores`: its scores (pages,) of the row's pages for the row's query. Raises BadInput where the
    teacher has fewer dimensions than are to be learned, or no single vectors.
    """
    if section.teacher is None:
        return None
    teacher = _open(section.teacher)
    if section.kind == "distill-scores":
        return _scores(teacher, data, batch_size)
    if not isinstance(teacher, SentenceTransformer):
        raise BadInput(
            f"{section.teacher} does not produce single vectors.", remedy="Use the kind distill-scores."
        )
    if (own := teacher.get_embedding_dimension() or 0) < dims:
        raise BadInput(
            f"The teacher {section.teacher} has {own} dimensions, but the student has {dims}.",
            remedy="Use the kind distill-scores, which compares no dimensions.",
        )
    return _vectors(teacher, data, dims, batch_size)


def _open(name: str) -> Teacher:
    path = checkpoint_path(name)
    if not is_late_interaction(path):
        return open_checkpoint(path, training_device())
    return open_multi_vector(path, training_device())


def _vectors(teacher: SentenceTransformer, data: TrainingData, dims: int, batch_size: int) -> Labels:
    queries = _by_item(data.rows[QUERY], _query_encoder(teacher, batch_size))
    pages = _by_item(_page_ids(data), _page_encoder(teacher, data, batch_size))
    labels = []
    for row in data.rows:
        vectors = [queries[row[QUERY]], *(pages[row[column]] for column in data.columns[1:])]
        cut = torch.stack([torch.as_tensor(vector)[:dims] for vector in vectors]).float()
        labels.append(torch.nn.functional.normalize(cut, dim=-1).tolist())
    return labels


def _scores(teacher: Teacher, data: TrainingData, batch_size: int) -> Labels:
    queries = _by_item(data.rows[QUERY], _query_encoder(teacher, batch_size))
    pages = _by_item(_page_ids(data), _page_encoder(teacher, data, batch_size))
    labels = []
    for row in data.rows:
        shown = [pages[row[column]] for column in data.columns[1:]]
        labels.append(teacher.similarity([queries[row[QUERY]]], shown)[0].tolist())
    return labels


def _page_ids(data: TrainingData) -> list[str]:
    return [page_id for column in data.columns[1:] for page_id in data.rows[column]]


def _by_item(items: Sequence[str], encode: Any) -> dict[str, Any]:  # noqa: ANN401
    """What `encode` makes of each distinct item."""
    distinct = list(dict.fromkeys(items))
    return dict(zip(distinct, encode(distinct), strict=True))


def _query_encoder(teacher: Teacher, batch_size: int) -> Any:  # noqa: ANN401
    return lambda queries: teacher.encode_query(
        queries, batch_size=batch_size, show_progress_bar=False, convert_to_tensor=False
    )


def _page_encoder(teacher: Teacher, data: TrainingData, batch_size: int) -> Any:  # noqa: ANN401
    def encode(page_ids: list[str]) -> list[Any]:
        embedded: list[np.ndarray[Any, Any]] = []
        for start in range(0, len(page_ids), batch_size):
            images = data.pages.images(page_ids[start : start + batch_size])
            embedded += list(teacher.encode_document(images, batch_size=batch_size, show_progress_bar=False))
        return embedded

    return encode

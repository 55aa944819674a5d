"""What a teacher knows: its vectors, or its scores of each query's pages, as labels to learn from."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

import torch
from sentence_transformers import MultiVectorEncoder, SentenceTransformer

from training.fit.config import EmbedderConfig
from training.fit.data import QUERY
from training.fit.evaluator import chunks
from training.fit.model import training_device
from training.fit.run import Run
from training.fit.views import Views, views_of
from vdr.errors import BadInput
from vdr.models.checkpoint import is_late_interaction, open_checkpoint, open_multi_vector
from vdr.models.hub import locate
from vdr.models.query_embedder import folder_of

Teacher = SentenceTransformer | MultiVectorEncoder
Labels = list[Any]
Item = TypeVar("Item")


def teach(run: Run[EmbedderConfig], *, dims: int) -> Labels | None:
    """A label for every row of a run, or None where there is no teacher.

    `distill-vectors`: the teacher's unit vectors (columns, dims), cut to the first `dims` of its own.
    `distill-scores`: its scores (pages,) of the row's pages for the row's query. Raises BadInput where the
    teacher has fewer dimensions than are to be learned, or no single vectors.
    """
    section = run.config.loss
    if section.teacher is None:
        return None
    teacher = _open(section.teacher)
    if section.kind == "distill-scores":
        return _scores(teacher, run)
    if not isinstance(teacher, SentenceTransformer):
        raise BadInput(
            f"{section.teacher} does not produce single vectors.", remedy="Use the kind distill-scores."
        )
    if (own := teacher.get_embedding_dimension() or 0) < dims:
        raise BadInput(
            f"The teacher {section.teacher} has {own} dimensions, but the student has {dims}.",
            remedy="Use the kind distill-scores, which compares no dimensions.",
        )
    return _vectors(teacher, run, dims)


def _open(name: str) -> Teacher:
    at = locate(folder_of(name))
    if not is_late_interaction(at):
        return open_checkpoint(at, training_device())
    return open_multi_vector(at, training_device())


def _vectors(teacher: SentenceTransformer, run: Run[EmbedderConfig], dims: int) -> Labels:
    labels = []
    for query, pages in _encoded_rows(teacher, run):
        cut = torch.stack([torch.as_tensor(vector)[:dims] for vector in (query, *pages)]).float()
        labels.append(torch.nn.functional.normalize(cut, dim=-1).tolist())
    return labels


def _scores(teacher: Teacher, run: Run[EmbedderConfig]) -> Labels:
    return [teacher.similarity([query], pages)[0].tolist() for query, pages in _encoded_rows(teacher, run)]


def _encoded_rows(teacher: Teacher, run: Run[EmbedderConfig]) -> Iterator[tuple[Any, list[Any]]]:
    """What the teacher makes of each row's query, and of its pages as they fit that query best."""
    views, columns, size = views_of(teacher, run), run.data.columns[1:], run.config.evaluation.batch_size
    options: dict[str, Any] = {"batch_size": size, "show_progress_bar": False}

    def encode_queries(batch: Sequence[str]) -> Any:  # noqa: ANN401
        return teacher.encode_query(list(batch), convert_to_tensor=False, **options)

    def encode_views(batch: Sequence[tuple[str, int]]) -> Any:  # noqa: ANN401
        return teacher.encode_document([views.shown(*each) for each in batch], **options)

    rows = [(row[QUERY], _views_of_row(row, columns, views)) for row in run.data.rows]
    queries = _by_item([query for query, _ in rows], encode_queries, size)
    pages = _by_item([view for _, shown in rows for view in shown], encode_views, size)
    for query, shown in rows:
        yield queries[query], [pages[view] for view in shown]


def _views_of_row(row: Mapping[str, str], columns: Sequence[str], views: Views) -> list[tuple[str, int]]:
    return [(row[column], views.best(row[column], row[QUERY], 1)[0]) for column in columns]


def _by_item(items: Sequence[Item], encode: Callable[[Sequence[Item]], Any], size: int) -> dict[Item, Any]:
    """What `encode` makes of each distinct item, `size` at once: so many images are open."""
    distinct = list(dict.fromkeys(items))
    return dict(zip(distinct, chain.from_iterable(map(encode, chunks(distinct, size))), strict=True))

"""Pairs as the trainers take them: rows of ids, resolved to images or texts only when a batch is made."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import datasets
import torch
from PIL import Image
from sentence_transformers.base.sampler import NoDuplicatesBatchSampler

from training.fit.config import DataSection
from training.pairs.dataset import PairsDataset, read_pairs
from vdr.errors import BadInput

QUERY, POSITIVE, NEGATIVE = "query", "positive", "negative_"
LABEL = "label"
Show = Callable[[str, str], Any]  # for a query and the id of a page, what a model sees of it


class Pages:
    """The pages of a pairs dataset by their id, opened when asked for."""

    def __init__(self, pages: datasets.Dataset) -> None:
        self._pages = pages.cast_column("image", datasets.Image(decode=False))
        self._texts = pages.select_columns(["text"])
        self._row = {page_id: row for row, page_id in enumerate(pages["page_id"])}

    def image(self, page_id: str) -> Image.Image:
        """The page image, decoded only when it is looked at; its `info` says which page it is.

        Raises BadInput if the bytes are not an image.
        """
        stored = self._pages[self._row[page_id]]["image"]
        try:
            image = Image.open(io.BytesIO(stored["bytes"]))
        except OSError as error:
            raise BadInput(
                f"Cannot read the image of page {page_id}.", remedy="Build the pairs again."
            ) from error
        image.info["page_id"] = page_id
        return image

    def images(self, page_ids: Sequence[str]) -> list[Image.Image]:
        """The page images, in order."""
        return [self.image(page_id) for page_id in page_ids]

    def text(self, page_id: str) -> str:
        """What the page's PDF, or what it was drawn from, says; may be empty."""
        text: str = self._texts[self._row[page_id]]["text"]
        return text


@dataclass(frozen=True, eq=False)
class EvalQuestions:
    """Queries of the eval split with their right pages, and all the pages to be searched for them."""

    queries: dict[str, str]
    relevant: dict[str, set[str]]
    page_ids: list[str]
    documents: list[str]
    texts: list[str]

    @cached_property
    def document_of(self) -> dict[str, str]:
        """The document each page belongs to."""
        return dict(zip(self.page_ids, self.documents, strict=True))

    def home(self, query_id: str) -> str:
        """The document that a query is about: of its first right page by id, the same in every process."""
        return self.document_of[min(self.relevant[query_id])]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Rows to learn from, and questions to be measured by; a row has so many `negatives` pages."""

    rows: datasets.Dataset
    negatives: int
    questions: EvalQuestions
    pages: Pages

    @property
    def columns(self) -> list[str]:
        """The columns of a row, the query first."""
        return [QUERY, POSITIVE, *(f"{NEGATIVE}{n + 1}" for n in range(self.negatives))]

    @property
    def page_ids(self) -> list[str]:
        """The pages that are learned from or searched, each once."""
        learned = (page_id for column in self.columns[1:] for page_id in self.rows[column])
        return list(dict.fromkeys([*learned, *self.questions.page_ids]))

    def shown(self, show: Show, labels: list[Any] | None = None) -> datasets.Dataset:
        """The rows with images or texts in place of ids, made when read; `labels` are one more column."""
        rows = self.rows if labels is None else self.rows.add_column(LABEL, labels)
        return rows.with_transform(_Resolved(show, self.columns))


class _Resolved:
    """Turns a batch of ids into one of images or texts; a class, so that worker processes can have it."""

    def __init__(self, show: Show, columns: Sequence[str]) -> None:
        self._show, self._columns = show, columns

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        resolved = {QUERY: batch[QUERY]}
        for column in self._columns[1:]:
            resolved[column] = list(map(self._show, batch[QUERY], batch[column]))
        if LABEL in batch:
            resolved[LABEL] = [torch.tensor(label) for label in batch[LABEL]]
        return resolved


def open_data(section: DataSection) -> TrainingData:
    """The pairs that a configuration names. Raises BadInput; see `read_pairs`."""
    pairs = read_pairs(section.pairs)
    mined = min(map(len, pairs.train["negative_ids"]))
    if mined < section.negatives:
        raise BadInput(
            f"{section.pairs} has {mined} hard negatives per query; the configuration "
            f"asks for {section.negatives}.",
            remedy=f"Run vdr pairs mine {section.pairs} --negatives {section.negatives}, or lower "
            "data.negatives.",
        )
    pages = Pages(pairs.pages)
    return TrainingData(_rows(pairs.train, section.negatives), section.negatives, _questions(pairs), pages)


class DistinctBatches:
    """For trainers: no page and no query twice in a batch, not even as somebody's negative.

    It compares ids: comparing the images themselves would decode every one of them.
    """

    def get_batch_sampler(
        self,
        dataset: datasets.Dataset,
        *args: Any,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> NoDuplicatesBatchSampler:
        """See Sentence Transformers' trainer."""
        return NoDuplicatesBatchSampler(dataset.with_format(None), *args, **options)


def _rows(train: datasets.Dataset, negatives: int) -> datasets.Dataset:
    columns = {QUERY: train["query"], POSITIVE: train["positive_id"]}
    for n in range(negatives):
        columns[f"{NEGATIVE}{n + 1}"] = [ids[n] for ids in train["negative_ids"]]
    return datasets.Dataset.from_dict({name: list(values) for name, values in columns.items()})


def _questions(pairs: PairsDataset) -> EvalQuestions:
    queries: dict[str, str] = {}
    relevant: dict[str, set[str]] = {}
    for query_id, query, page_id in zip(
        pairs.eval["query_id"], pairs.eval["query"], pairs.eval["positive_id"], strict=True
    ):
        queries[query_id] = query
        relevant.setdefault(query_id, set()).add(page_id)
    searched = [row for row, split in enumerate(pairs.pages["split"]) if split == "eval"]
    shown = pairs.pages.select(searched).select_columns(["page_id", "document", "text"])
    return EvalQuestions(
        queries, relevant, list(shown["page_id"]), list(shown["document"]), list(shown["text"])
    )

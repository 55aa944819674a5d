"""The data set of pairs on disk: train and eval rows that name pages, the pages, and a manifest."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from datasets import Dataset, Features, Image, List, Value, load_from_disk
from datasets.arrow_writer import ArrowWriter

from training.pairs.manifest import FILE_NAME, Manifest, read_manifest, write_manifest
from training.pairs.splits import EVAL, TRAIN
from vdr.errors import BadInput
from vdr.files import scratch_folder
from vdr.objects.checksums import hash_of

PAGES = "pages"
PAIR_FEATURES = Features(
    {
        "query_id": Value("string"),
        "query": Value("string"),
        "positive_id": Value("string"),
        "negative_ids": List(Value("string")),
        "source": Value("string"),
        "rule": Value("string"),
        "document": Value("string"),
        "page_number": Value("int32"),
        "passed_over_ids": List(Value("string")),
        "traces": List(Value("string")),
    }
)
# Data sets of the version before lack these: nothing was known of clicks.
_NEW = ("passed_over_ids", "traces")
PAGE_FEATURES = Features(
    {
        "page_id": Value("string"),
        "image": Image(),
        "document": Value("string"),
        "page_number": Value("int32"),
        "split": Value("string"),
        "text": Value("string"),
    }
)
_LISTS = ("negative_ids", *_NEW)
_PAGES_IN_MEMORY = 32
_REMEDY = "Build the data set again with vdr pairs build."


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and one page that answers it; rows of one query share its id. `negative_ids` once mined.

    `passed_over_ids` are pages that people were shown for the query and did not want; `traces` name what the
    pair is known by: feedback:ID, question:ID.
    """

    query_id: str
    query: str
    positive_id: str
    source: str
    rule: str
    document: str
    page_number: int
    negative_ids: tuple[str, ...] = ()
    passed_over_ids: tuple[str, ...] = ()
    traces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRecord:
    """A page with its image as WebP bytes."""

    page_id: str
    image: bytes
    document: str
    page_number: int
    split: str
    text: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is written along with the pages."""

    train: Sequence[Pair]
    eval: Sequence[Pair]
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class PairsDataset:
    """A data set of pairs as it was read: rows of PAIR_FEATURES twice, and of PAGE_FEATURES."""

    train: Dataset
    eval: Dataset
    pages: Dataset
    manifest: Manifest


def write_dataset(folder: Path, pages: Iterable[PageRecord], finish: Callable[[Dataset], Content]) -> Content:
    """Write a data set of pairs whole or not at all; one that is there already is replaced at the end.

    The pages are written as they come, a few in memory; what goes with them is what `finish` makes of them.
    """
    with replacing(folder) as draft:
        content = finish(_write_pages(draft, pages))
        write_rows(draft, content)
    return content


def write_rows(draft: Path, content: Content) -> None:
    """Write train, eval and the manifest into the draft of a data set."""
    for split, pairs in ((TRAIN, content.train), (EVAL, content.eval)):
        rows = [{**asdict(pair), **{name: list(getattr(pair, name)) for name in _LISTS}} for pair in pairs]
        columns = {name: [row[name] for row in rows] for name in PAIR_FEATURES}
        Dataset.from_dict(columns, features=PAIR_FEATURES).save_to_disk(draft / split)
    write_manifest(draft, content.manifest)


def rewrite_rows(folder: Path, content: Content) -> None:
    """Replace train, eval and the manifest of a data set and keep its pages, all or nothing."""
    with replacing(folder) as draft:
        shutil.copytree(folder / PAGES, draft / PAGES, copy_function=_link_or_copy)
        write_rows(draft, content)


def read_pairs(folder: Path) -> PairsDataset:
    """The data set of pairs in a folder; images are decoded when they are looked at.

    Raises BadInput, in one line, where it is none, lacks a column, has a split without rows, a document in
    both splits, or names a page that is not there or in the other split.
    """
    manifest = read_manifest(folder)
    train, evaluation = (_open(folder, name, PAIR_FEATURES) for name in (TRAIN, EVAL))
    pages = _open(folder, PAGES, PAGE_FEATURES)
    _check_documents(folder, pages)
    splits = dict(zip(pages["page_id"], pages["split"], strict=True))
    for split, rows in ((TRAIN, train), (EVAL, evaluation)):
        _check_ids(folder, split, rows, splits)
    return PairsDataset(train, evaluation, pages, manifest)


def mark_of(folder: Path) -> str:
    """A hash of all that is in a data set: rows, pages and their images."""
    files = (file for part in (TRAIN, EVAL, PAGES) for file in sorted((folder / part).glob("*.arrow")))
    return sha256("".join(map(hash_of, files)).encode()).hexdigest()


def pairs_of(rows: Dataset) -> list[Pair]:
    """The rows of a split as values."""
    return [Pair(**{**row, **{name: tuple(row[name]) for name in _LISTS}}) for row in rows]


def check_replaceable(folder: Path) -> None:
    """Raises BadInput where `folder` is something other than a data set of pairs, or cannot be made."""
    if folder.exists() and not (folder / FILE_NAME).is_file():
        raise BadInput(f"{folder} exists and is not a data set of pairs.", remedy="Choose another folder.")
    check_parent(folder)


def check_parent(folder: Path) -> None:
    """Raises BadInput where there is nothing to make the folder in."""
    if not folder.absolute().parent.is_dir():
        raise BadInput(f"The folder {folder.absolute().parent} does not exist.", remedy="Create it first.")


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of `folder` after the block; gone when the block fails."""
    folder = folder.absolute()
    with scratch_folder(folder.parent, f".{folder.name}.vdr-draft-") as scratch:
        draft, former = scratch / "new", scratch / "former"
        draft.mkdir()
        yield draft
        if folder.exists():
            folder.rename(former)
        draft.rename(folder)


def _write_pages(draft: Path, pages: Iterable[PageRecord]) -> Dataset:
    stream = draft / "pages.arrow"
    with ArrowWriter(path=str(stream), features=PAGE_FEATURES, writer_batch_size=_PAGES_IN_MEMORY) as writer:
        for page in pages:
            writer.write({**asdict(page), "image": {"bytes": page.image, "path": None}})
        writer.finalize()
    Dataset.from_file(str(stream)).save_to_disk(draft / PAGES)
    stream.unlink()
    return load_from_disk(str(draft / PAGES))


def _link_or_copy(source: str, target: str) -> None:
    with suppress(OSError):  # a file system without links
        os.link(source, target)
        return
    shutil.copy2(source, target)


def _open(folder: Path, name: str, features: Features) -> Dataset:
    try:
        rows = load_from_disk(str(folder / name))
    except (FileNotFoundError, ValueError, KeyError) as error:
        raise BadInput(f"{folder} has no {name}.", remedy=_REMEDY) from error
    except IndexError as error:  # what reading a data set without rows ends in
        raise BadInput(f"{folder}: {name} is empty.", remedy=_REMEDY) from error
    for column in features:
        if column in _NEW and column not in rows.column_names:
            rows = rows.add_column(column, [[] for _ in range(len(rows))], feature=features[column])
        elif column not in rows.column_names:
            raise BadInput(f"{folder}: {name} has no column {column}.", remedy=_REMEDY)
    return rows


def _check_documents(folder: Path, pages: Dataset) -> None:
    splits: dict[str, str] = {}
    for document, split in zip(pages["document"], pages["split"], strict=True):
        if splits.setdefault(document, split) != split:
            raise BadInput(f"{folder}: {document} is in both train and eval.", remedy=_REMEDY)


def _check_ids(folder: Path, split: str, rows: Dataset, splits: dict[str, str]) -> None:
    ids = zip(rows["positive_id"], rows["negative_ids"], rows["passed_over_ids"], strict=True)
    for place, (positive, negatives, passed_over) in enumerate(ids, start=1):
        for page_id in (positive, *negatives, *passed_over):
            said = f"{folder}: row {place} of {split} names page {page_id}, which is"
            if page_id not in splits:
                raise BadInput(f"{said} missing.", remedy=_REMEDY)
            if splits[page_id] != split:
                raise BadInput(f"{said} in {splits[page_id]}.", remedy=_REMEDY)

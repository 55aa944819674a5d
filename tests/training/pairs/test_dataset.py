"""What is written is read again; nothing is half written; what is wrong is said in one line."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import load_from_disk
from sentence_transformers.util import resolve_ids

from tests.training.pairs.parts import EVAL_PAIRS, TRAIN_PAIRS, pair, record, write_small
from training.pairs.dataset import (
    PAGE_FEATURES,
    PAIR_FEATURES,
    Content,
    check_replaceable,
    pairs_of,
    read_pairs,
    rewrite_rows,
    write_dataset,
)
from training.pairs.manifest import Manifest
from vdr.errors import BadInput


def test_what_was_written_is_read(small):
    pairs = read_pairs(small)
    assert tuple(pairs_of(pairs.train)) == TRAIN_PAIRS and tuple(pairs_of(pairs.eval)) == EVAL_PAIRS
    assert pairs.train.features == PAIR_FEATURES and pairs.pages.features == PAGE_FEATURES
    assert len(pairs.pages) == 9 and pairs.pages[8]["text"] == "c.pdf text 4"
    assert pairs.pages[0]["image"].size == (96, 128)
    assert pairs.manifest.warnings == ["b.pdf is odd."]


def test_ids_become_images_as_the_trainer_wants_them(small):
    pairs = read_pairs(small)
    rows = pairs.train.select_columns(["query", "positive_id"])
    lookup = {"positive_id": (pairs.pages, "page_id", "image")}
    rows.set_transform(resolve_ids(lookup, keep_columns=["query"]))  # type: ignore[arg-type]
    assert rows[1]["positive"].size == (96, 128)


def test_only_the_three_data_sets_and_the_manifest_are_left(small):
    assert sorted(path.name for path in small.iterdir()) == ["eval", "manifest.json", "pages", "train"]
    assert [path.name for path in small.parent.iterdir()] == ["small"]


def failing_pages():
    yield record("a.pdf", 1, "train")
    raise BadInput("Row 2: the image cannot be read.")


def test_a_build_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(BadInput, match="Row 2"):
        write_dataset(tmp_path / "out", failing_pages(), lambda _: Content((), (), Manifest()))
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_fails_leaves_the_older_one(small):
    with pytest.raises(BadInput, match="Row 2"):
        write_dataset(small, failing_pages(), lambda _: Content((), (), Manifest()))
    assert len(read_pairs(small).pages) == 9


def test_a_new_build_replaces_the_older_one(small):
    write_small(small, TRAIN_PAIRS[:1])
    assert len(read_pairs(small).train) == 1
    assert [path.name for path in small.parent.iterdir()] == ["small"]


def test_rows_are_rewritten_and_pages_kept(small):
    images = {page["page_id"]: page["image"].tobytes() for page in read_pairs(small).pages}
    mined = replace(TRAIN_PAIRS[0], negative_ids=("b.pdf#page=1",))
    rewrite_rows(small, Content([mined], EVAL_PAIRS, Manifest(seed=7)))
    again = read_pairs(small)
    assert pairs_of(again.train) == [mined] and again.manifest.seed == 7
    assert {page["page_id"]: page["image"].tobytes() for page in again.pages} == images


def test_a_file_system_without_links_gets_copies(small, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr("os.link", refuse)
    rewrite_rows(small, Content(TRAIN_PAIRS, EVAL_PAIRS, Manifest()))
    assert len(read_pairs(small).pages) == 9


def test_many_pages_are_written_in_order(tmp_path):
    pages = (record(f"{n // 50}.pdf", n % 50 + 1, "train") for n in range(70))
    write_dataset(tmp_path / "out", pages, lambda stored: Content((), (), Manifest(rows={"n": len(stored)})))
    assert load_from_disk(str(tmp_path / "out" / "pages"))["page_number"][:] == [*range(1, 51), *range(1, 21)]


def test_a_folder_that_is_something_else_is_not_replaced(tmp_path, small):
    (tmp_path / "photos").mkdir()
    with pytest.raises(BadInput, match=r"photos exists and is not a data set of pairs"):
        check_replaceable(tmp_path / "photos")
    with pytest.raises(BadInput, match=r"The folder .*nowhere does not exist"):
        check_replaceable(tmp_path / "nowhere" / "out")
    check_replaceable(small)
    check_replaceable(Path("pairs-of-nobody"))


def test_a_folder_without_pairs_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"is not a data set of pairs. Create one with vdr pairs build"):
        read_pairs(tmp_path)


def test_a_missing_part_is_named(small):
    shutil.rmtree(small / "eval")
    with pytest.raises(BadInput, match="has no eval"):
        read_pairs(small)


def rewrite(folder, name, change):
    """Change the rows of one of the data sets."""
    rows = change(load_from_disk(str(folder / name)))
    rows.save_to_disk(folder / "changed")
    shutil.rmtree(folder / name)
    (folder / "changed").rename(folder / name)


@pytest.mark.parametrize(
    ("name", "column"), [("train", "rule"), ("eval", "negative_ids"), ("pages", "text"), ("pages", "image")]
)
def test_a_missing_column_is_named(small, name, column):
    rewrite(small, name, lambda rows: rows.remove_columns(column))
    with pytest.raises(BadInput, match=f"{name} has no column {column}"):
        read_pairs(small)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_an_empty_split_is_named(tmp_path, split):
    rows = {"train": TRAIN_PAIRS, "evaluation": EVAL_PAIRS, "evaluation" if split == "eval" else split: ()}
    with pytest.raises(BadInput, match=f"{split} is empty"):
        read_pairs(write_small(tmp_path / "empty", **rows))


def test_a_document_in_both_splits_is_named(small):
    def change(pages):
        splits = [("eval" if page_id == "a.pdf#page=3" else split) for page_id, split in
                  zip(pages["page_id"], pages["split"], strict=True)]  # fmt: skip
        return pages.remove_columns("split").add_column("split", splits)

    rewrite(small, "pages", change)
    with pytest.raises(BadInput, match=r"a\.pdf is in both train and eval"):
        read_pairs(small)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (pair("z.pdf", 9, "x"), r"row 1 of train names page z\.pdf#page=9, which is missing"),
        (
            pair("a.pdf", 1, "x", "z.pdf#page=9"),
            r"row 1 of train names page z\.pdf#page=9, which is missing",
        ),
        (pair("a.pdf", 1, "x", "c.pdf#page=1"), r"row 1 of train names page c\.pdf#page=1, which is in eval"),
    ],
)
def test_a_page_that_is_not_there_or_in_the_other_split_is_named(tmp_path, wrong, said):
    with pytest.raises(BadInput, match=said) as raised:
        read_pairs(write_small(tmp_path / "wrong", [wrong]))
    assert "\n" not in str(raised.value)


def test_a_data_set_of_the_version_before_has_no_traces(small):
    for split in ("train", "eval"):
        rows = load_from_disk(str(small / split)).remove_columns(["passed_over_ids", "traces"])
        rows.save_to_disk(str(small / f"{split}-old"))
        shutil.rmtree(small / split)
        (small / f"{split}-old").rename(small / split)
    pairs = read_pairs(small)
    assert pairs.train.features == PAIR_FEATURES
    assert {(row.passed_over_ids, row.traces) for row in pairs_of(pairs.train)} == {((), ())}

"""The manifest is read as it was written."""

from collections import Counter

import pytest

from training.pairs.manifest import FILE_NAME, Manifest, Mining, nested, read_manifest, write_manifest
from vdr.errors import BadInput

COUNTS = Counter(
    {("train", "phrases", "heading"): 3, ("eval", "labelled", ""): 1, ("train", "labelled", ""): 2}
)


def test_a_manifest_is_read_as_it_was_written(tmp_path):
    mining = Mining(
        embedder="m", fingerprint="f", negatives=4, margin=0.05, same_document_share=0.5,
        mined={"train": 3}, padded={"train": 1},
    )  # fmt: skip
    manifest = Manifest(seed=3, queries=nested(COUNTS), warnings=["odd"], mining=mining)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_counts_are_found_by_split_source_and_rule():
    manifest = Manifest(queries=nested(COUNTS))
    assert manifest.kinds == [("labelled", ""), ("phrases", "heading")]
    assert manifest.count("train", "phrases", "heading") == 3
    assert manifest.count("eval", "phrases", "heading") == 0


@pytest.mark.parametrize("content", ["no json", '{"queries": 3}', "[]"])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path, content):
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(BadInput, match=r"Cannot read .*manifest\.json"):
        read_manifest(tmp_path)

"""Equal fingerprints, equal vectors: what changes a vector changes the fingerprint, and nothing else does."""

import os
import shutil
from pathlib import Path

import pytest
from huggingface_hub._tree_cache import TreeCacheEntry, write_tree_cache
from huggingface_hub.errors import LocalEntryNotFoundError

from vdr.models.fingerprint import fingerprint

DIMS = {"dims": 64}
FILES = {
    "modules.json": b"[]",
    "model.safetensors": bytes(range(256)),
    "1_Pooling/config.json": b'{"pooling_mode": "mean"}',
}


def write(folder, contents=None):
    for name, content in (contents or FILES).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def mark(folder, **settings):
    return fingerprint(str(folder), settings or DIMS)


def hub_cache(root: Path, name: str, blobs: dict[str, str]) -> Path:
    """A snapshot in a folder laid out as the hub's cache: links by file name to blobs named by their hash."""
    repository = root / f"models--{name.replace('/', '--')}"
    snapshot = repository / "snapshots" / ("c0ffee" * 7)[:40]
    for file, blob in blobs.items():
        (repository / "blobs").mkdir(parents=True, exist_ok=True)
        (repository / "blobs" / blob).write_bytes(FILES[file])
        (snapshot / file).parent.mkdir(parents=True, exist_ok=True)
        (snapshot / file).symlink_to(os.path.relpath(repository / "blobs" / blob, (snapshot / file).parent))
    (repository / "refs").mkdir(exist_ok=True)
    (repository / "refs" / "main").write_text(snapshot.name)
    return snapshot


BLOBS = {name: f"{n:064x}" for n, name in enumerate(FILES)}


def test_it_is_a_sha256_in_hex(tmp_path):
    assert len(bytes.fromhex(mark(write(tmp_path)))) == 32


def test_equal_files_have_equal_fingerprints_wherever_they_are(tmp_path):
    assert mark(write(tmp_path / "here")) == mark(write(tmp_path / "there"))


@pytest.mark.parametrize("place", [0, 1, 127, 254, 255])
def test_any_byte_of_the_weights_counts(tmp_path, place):
    weights = bytearray(FILES["model.safetensors"])
    weights[place] ^= 1
    assert mark(write(tmp_path)) != mark(write(tmp_path, {"model.safetensors": bytes(weights)}))


def test_a_renamed_file_counts(tmp_path):
    before = mark(write(tmp_path))
    (tmp_path / "model.safetensors").rename(tmp_path / "weights.safetensors")
    assert mark(tmp_path) != before


def test_a_moved_file_counts(tmp_path):
    before = mark(write(tmp_path))
    (tmp_path / "1_Pooling").rename(tmp_path / "2_Pooling")
    assert mark(tmp_path) != before


def test_a_file_more_or_less_counts(tmp_path):
    before = mark(write(tmp_path))
    more = mark(write(tmp_path, {"2_Normalize/config.json": b"{}"}))
    shutil.rmtree(tmp_path / "1_Pooling")
    assert len({before, more, mark(tmp_path)}) == 3


def test_contents_that_swap_places_count(tmp_path):
    swapped = FILES | {
        "modules.json": FILES["1_Pooling/config.json"],
        "1_Pooling/config.json": FILES["modules.json"],
    }
    assert mark(write(tmp_path / "a")) != mark(write(tmp_path / "b", swapped))


def test_settings_count_but_not_their_order(tmp_path):
    write(tmp_path)
    assert mark(tmp_path, dims=64) != mark(tmp_path, dims=32)
    assert mark(tmp_path, dims=64, size=1) == mark(tmp_path, size=1, dims=64)


@pytest.mark.parametrize(
    "name",
    ["README.md", ".gitattributes", ".cache/lock.json", "assets/drawing.png", "0_QueryText/questions.tsv"],
)
def test_what_changes_no_vector_does_not_count(tmp_path, name):
    before = mark(write(tmp_path))
    assert mark(write(tmp_path, {name: b"for people"})) == before


def test_hidden_folders_above_the_checkpoint_hide_nothing(tmp_path):
    assert mark(write(tmp_path / ".cache" / "model")) == mark(write(tmp_path / "model"))


def test_a_blob_of_the_hubs_cache_is_known_by_its_name_without_being_read(tmp_path):
    snapshot = hub_cache(tmp_path, "acme/tiny", BLOBS)
    before = mark(snapshot)
    (snapshot / "model.safetensors").resolve().write_bytes(b"never looked at")
    assert mark(snapshot) == before


def test_another_blob_counts(tmp_path):
    first = hub_cache(tmp_path / "first", "acme/tiny", BLOBS)
    second = hub_cache(tmp_path / "second", "acme/tiny", BLOBS | {"modules.json": "f" * 64})
    assert mark(first) != mark(second)


def test_any_other_link_is_followed(tmp_path):
    before = mark(write(tmp_path / "model"))
    weights = tmp_path / "model" / "model.safetensors"
    weights.rename(tmp_path / "elsewhere")
    weights.symlink_to(tmp_path / "elsewhere")
    assert mark(tmp_path / "model") == before
    (tmp_path / "elsewhere").write_bytes(b"other weights")
    assert mark(tmp_path / "model") != before


@pytest.mark.parametrize(("owner", "name"), [("acme", "acme/tiny"), ("sentence-transformers", "tiny")])
def test_a_hub_name_is_looked_up_where_sentence_transformers_keeps_it(tmp_path, monkeypatch, owner, name):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    snapshot = hub_cache(tmp_path, f"{owner}/tiny", BLOBS)
    assert fingerprint(name, DIMS) == mark(snapshot)


def test_a_snapshot_that_has_not_all_files_of_the_hub_has_one(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    snapshot = hub_cache(tmp_path, "acme/tiny", BLOBS)
    before = fingerprint("acme/tiny", DIMS)
    files = {name: TreeCacheEntry(1, "0" * 40) for name in (*BLOBS, "onnx/model.onnx")}
    write_tree_cache(str(tmp_path / "models--acme--tiny"), snapshot.name, files)
    assert fingerprint("acme/tiny", DIMS) == before


def test_a_hub_name_that_was_never_loaded_has_none(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    with pytest.raises(LocalEntryNotFoundError):
        fingerprint("acme/tiny", DIMS)

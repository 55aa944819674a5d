"""On a GPU a batch grows as long as that pays, and the next start begins with what was found."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vdr.models import kept_batch_size
from vdr.models.batch_growth import BatchGrowth
from vdr.models.batch_size import BatchSize
from vdr.models.kept_batch_size import Situation

PAGES = [Image.new("RGB", (24, 32))] * 32
PAIRS = [("question", page) for page in PAGES]
TEXTS = [{"text": "wharf"}] * 32
SITUATION = Situation("mark", "NVIDIA Tiny", "bfloat16")


@dataclass
class Device:
    """An embedder on a device: a batch takes `per_batch_s` and a part for each input, and memory has an end.

    Batches beyond `fills` are no faster: the device is busy.
    """

    fills: int
    room: int = 1_000
    per_batch_s: float = 1.0
    now_s: float = 0.0
    tried: list[int] = field(default_factory=list)

    def clock(self) -> float:
        return self.now_s

    def embed(self, inputs: list[Any], size: int) -> int:
        self.tried.append(size)
        taken = min(size, len(inputs))
        if taken > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.now_s += len(inputs) / taken * self.per_batch_s * max(1.0, taken / self.fills)
        return size


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_batch_size, "cache_folder", lambda: tmp_path)
    return tmp_path / "batch-sizes"


def run(device: Device, inputs: list[Any], size: BatchSize, times: int = 20) -> BatchSize:
    for _ in range(times):
        size.fitting(lambda n: device.embed(inputs, n), inputs)
    return size


def started(device: Device, situation: Situation = SITUATION) -> BatchSize:
    return BatchSize(8, 32, situation, device.clock)


@pytest.mark.parametrize(
    ("fills", "room", "found", "tried"),
    [
        (64, 1_000, 32, [8, 16, 32]),
        (16, 1_000, 16, [8, 16, 32, 16]),
        (8, 1_000, 8, [8, 16, 8]),
        (64, 31, 16, [8, 16, 32, 16]),
        (64, 3, 2, [8, 4, 2]),
        (64, 15, 8, [8, 16, 8]),
    ],
)
def test_it_is_doubled_while_that_is_faster_and_fits(folder, fills, room, found, tried):
    device = Device(fills, room)
    assert run(device, PAGES, started(device)).current == found
    assert [size for place, size in enumerate(device.tried) if device.tried[place - 1 : place] != [size]] == (
        tried
    )


def test_a_tenth_more_pages_a_second_is_what_a_larger_one_has_to_bring():
    for gain, found in ((1.09, 8), (1.11, 16)):
        growth = BatchGrowth(8, 16)
        for size, seconds in ((8, 1.0), (16, 1 / gain)):
            for _ in range(3):
                growth.took(size, 32, seconds)
        assert (growth.size, growth.found, growth.is_settled) == (found, found, True)


def test_the_first_batch_of_a_size_may_be_slow_and_few_pages_tell_nothing():
    growth = BatchGrowth(8, 32)
    for seconds in (60.0, 1.0, 1.0):
        growth.took(8, 32, seconds)
    growth.took(16, 9, 9.0)
    assert (growth.size, growth.found) == (16, 8)
    for seconds in (60.0, 0.5, 0.5):
        growth.took(16, 32, seconds)
    assert (growth.size, growth.found) == (32, 16)


@given(st.integers(1, 64), st.integers(1, 64), st.integers(0, 4))
def test_what_is_found_always_fits_and_is_never_more_than_the_most(fills, room, doublings):
    device, most = Device(fills, room), 2**doublings * 4
    size = run(device, PAGES * 2, BatchSize(4, most, clock=device.clock), 40)
    assert 1 <= size.current <= min(most, room)
    assert size.pages_at_once == size.current


def test_it_asks_for_runs_that_fill_what_it_may_try(folder):
    device = Device(fills=16)
    size = started(device)
    assert size.pages_at_once == 32
    assert run(device, PAGES, size).pages_at_once == 16


@pytest.mark.parametrize("inputs", [PAGES, PAIRS, TEXTS], ids=["pages", "pairs", "texts"])
def test_the_next_start_begins_with_what_was_found(folder, inputs):
    first = Device(fills=64)
    run(first, inputs, started(first))
    second = Device(fills=64)
    run(second, inputs, started(second), 1)
    assert (first.tried[0], second.tried) == (8, [32])


def test_a_smaller_one_that_fits_is_kept_and_a_larger_one_tried_once_again(folder):
    cramped = Device(fills=64, room=3)
    run(cramped, PAGES, started(cramped))
    later = Device(fills=64)
    size = run(later, PAGES, started(later), 3)
    assert (later.tried, size.current) == ([2, 2, 2], 4)


def test_a_query_by_itself_asks_for_nothing_that_was_found_for_pages(folder):
    first = Device(fills=64)
    run(first, PAGES, started(first))
    second = Device(fills=64)
    size = run(second, PAGES[:1], started(second), 1)
    run(second, PAGES, size, 1)
    assert second.tried == [8, 32]


@pytest.mark.parametrize(
    "other",
    [
        Situation("other", "NVIDIA Tiny", "bfloat16"),
        Situation("mark", "NVIDIA Large", "bfloat16"),
        Situation("mark", "NVIDIA Tiny", "float16"),
    ],
    ids=["checkpoint", "device", "precision"],
)
def test_another_situation_finds_its_own(folder, other):
    first = Device(fills=64)
    run(first, PAGES, started(first))
    second = Device(fills=64)
    run(second, PAGES, started(second, other), 1)
    assert second.tried == [8]


def test_pages_of_another_size_find_their_own(folder):
    first = Device(fills=64)
    run(first, PAGES, started(first))
    second = Device(fills=64)
    run(second, [Image.new("RGB", (64, 48))] * 32, started(second), 1)
    assert second.tried == [8]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        "\udcff",
        '{"batch_size": 4}',
        '{"batch_size": 4, "of": {"checkpoint": "another"}}',
        *(json.dumps({"batch_size": size}) for size in (0, -8, 64, True, "16", None)),
    ],
)
def test_a_damaged_or_foreign_file_is_passed_over(folder, caplog, content):
    first = Device(fills=64)
    run(first, PAGES, started(first))
    (file,) = folder.iterdir()
    told = json.loads(file.read_text())["of"]
    if '"batch_size"' in content and '"of"' not in content and content != '{"batch_size": 4}':
        content = json.dumps(json.loads(content) | {"of": told})
    file.write_bytes(content.encode(errors="surrogateescape"))
    second = Device(fills=64)
    run(second, PAGES, started(second), 1)
    assert second.tried == [8]
    assert "is passed over" in caplog.text


def test_where_nothing_can_be_written_it_is_found_again(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(kept_batch_size, "cache_folder", lambda: tmp_path / "file")
    device = Device(fills=64)
    assert run(device, PAGES, started(device)).current == 32
    assert "Cannot keep the batch size 32" in caplog.text


def test_a_model_is_known_by_its_checkpoint_its_device_and_its_precision(folder, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA Tiny")
    model: Any = SimpleNamespace(device=torch.device("cuda"), dtype=torch.bfloat16)
    size, room = BatchSize.of_pages(None, model, "mark"), Device(fills=64, room=4)
    run(room, PAGES, size)
    (file,) = folder.iterdir()
    assert json.loads(file.read_text()) == {
        "batch_size": 4,
        "of": {"checkpoint": "mark", "device": "NVIDIA Tiny", "precision": "bfloat16", "long_side": 32},
    }

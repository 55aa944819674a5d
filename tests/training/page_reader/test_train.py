import json

import numpy as np
import pytest
import torch

from training.drawing.page_lines import PageLines, PixelBox
from training.page_reader.batches import CROP, _crop, make_batch
from training.page_reader.package import inverse_document_frequencies, package, package_like
from training.page_reader.pages import RENDERED, TrainingPage
from training.page_reader.train import (
    TrainConfig,
    is_held_out,
    learning_rate,
    train,
    training_pages,
    weights_of,
)
from vdr.page_reader.codes import hash_words
from vdr.page_reader.reading import Reader
from vdr.words import ASKING_WORDS

pytestmark = pytest.mark.slow

SMALL = TrainConfig(steps=4, pages=1, crops=1, strips_per_page=4, warm_up=1)


def test_a_batch_holds_crops_and_strips_with_their_targets(prepared):
    pages = list(training_pages(prepared))[:2]
    batch = make_batch(pages, np.random.default_rng(0), crops=1, strips_per_page=3)
    assert batch.crops.shape == (1, CROP, CROP)
    assert batch.maps.shape[:3] == (1, 2, 4)
    assert len(batch.frames) == len(batch.targets) <= 6
    assert all(0 <= a < b <= batch.tape.shape[1] // 2 for a, b in batch.frames)
    assert all(a1 >= b0 for (_, b0), (a1, _) in zip(batch.frames, batch.frames[1:], strict=False))


def test_the_same_seed_makes_the_same_batch(prepared):
    pages = list(training_pages(prepared))[:2]
    one, two = (make_batch(pages, np.random.default_rng(7), crops=2, strips_per_page=3) for _ in range(2))
    assert torch.equal(one.tape, two.tape)
    assert torch.equal(one.crops, two.crops)
    assert one.targets == two.targets


def test_training_resumed_ends_as_training_undisturbed(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr("training.page_reader.train._SAVE_EVERY", 2)
    whole = train(prepared, tmp_path / "whole", SMALL)
    train(prepared, tmp_path / "halved", SMALL.model_copy(update={"steps": 2, "decay_steps": 4}))
    halved = train(prepared, tmp_path / "halved", SMALL)
    for name, weight in whole.state_dict().items():
        assert torch.equal(weight, halved.state_dict()[name]), name


def test_without_crops_only_the_recognizer_learns(prepared, tmp_path):
    start = train(prepared, tmp_path / "before", SMALL.model_copy(update={"steps": 1})).state_dict()
    after = train(
        prepared, tmp_path / "after", SMALL.model_copy(update={"steps": 1, "crops": 0}), tmp_path / "before"
    )
    changed = {
        name.partition(".")[0] for name, value in after.state_dict().items() if not value.equal(start[name])
    }
    assert changed == {"recognizer"}


def test_a_packaged_reader_is_a_start_too(tmp_path):
    reader = Reader()
    package(reader, [{"sales"}]).save(str(tmp_path), create_model_card=False)
    weights = weights_of(tmp_path)
    assert all(value.equal(weights[name]) for name, value in reader.state_dict().items())


def test_other_nets_in_a_packaged_reader_leave_what_it_makes_of_words(tmp_path):
    before = package(Reader(), [{"the", "sales"}, {"the"}])
    before.save(str(tmp_path), create_model_card=False)
    reader = Reader()
    after = package_like(reader, tmp_path)
    one, two = (model.encode_query("the sales of wings") for model in (before, after))
    assert np.array_equal(one, two)
    assert any(module is reader for module in after.modules())


def test_the_loss_falls_and_is_written_down(prepared, tmp_path, monkeypatch):
    monkeypatch.setattr("training.page_reader.train._LOG_EVERY", 10)
    train(
        prepared,
        tmp_path,
        TrainConfig(steps=30, pages=1, crops=1, strips_per_page=6, warm_up=10, learning_rate=1e-3),
    )
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [10, 20, 30]
    assert lines[-1]["reading"] < 0.7 * lines[0]["reading"]
    assert lines[-1]["detector"] < lines[0]["detector"]


def test_the_learning_rate_warms_up_and_falls():
    config = TrainConfig(steps=100, warm_up=10, learning_rate=1.0)
    rates = [learning_rate(step, config) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 0.05


def test_rendered_pages_are_never_held_out_and_some_documents_are():
    documents = [TrainingPage("0.npy", f"{i}.pdf", PageLines()) for i in range(1_000)]
    assert 20 < sum(map(is_held_out, documents)) < 120
    assert not is_held_out(TrainingPage("0.npy", RENDERED, PageLines()))


def test_rare_words_weigh_more_and_unseen_ones_most():
    pages = [{"the", "sales"}, {"the", "wing"}, {"the"}]
    idf = inverse_document_frequencies(pages, buckets=65_536)
    the, sales, unseen = (idf[hash_words([w])[0, 0] % 65_536].item() for w in ("the", "sales", "unseen"))
    assert the < sales < unseen == pytest.approx(1.0)


def test_words_that_ask_weigh_next_to_nothing_in_a_query():
    codes = package(Reader(), [{"sales"}])[1].codes
    which, turbine = codes.query_weights_of(hash_words(["which", "turbine"])).tolist()  # type: ignore[operator]
    assert which < 0.1 * turbine
    assert "which" in ASKING_WORDS


class Turned:
    """A generator of random numbers that always turns the crop, and changes nothing else."""

    def uniform(self, low, high, size=None):
        return 0.0 if size is None else np.zeros(size)

    def integers(self, low, high):
        return low

    def random(self):
        return 0.0

    def exponential(self, scale):
        return 0.0

    def standard_normal(self, shape, dtype):
        return np.zeros(shape, dtype)


def test_text_that_is_not_to_be_learned_from_stays_so_when_the_crop_is_turned():
    image = np.full((1_000, 1_000), 255, np.uint8)
    _pixels, maps = _crop(image, PageLines(unread=(PixelBox(0, 0, 100, 300),)), Turned())  # type: ignore[arg-type]
    core, weight = maps[:, 0], maps[:, 3]
    assert core.sum() == 0
    # A box high and narrow in the top left corner lies low and wide in the bottom left one.
    ignored = weight == 0
    assert ignored.any() and (ignored[0] == ignored[1]).all()
    rows, columns = np.nonzero(ignored[0])
    assert rows.max() == weight.shape[1] - 1 and columns.min() == 0
    assert np.ptp(columns) > 2 * np.ptp(rows)

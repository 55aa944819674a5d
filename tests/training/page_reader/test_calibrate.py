from importlib.resources import files
from shutil import copytree

import numpy as np
import pytest

from training.evaluate.reliability import Judged, calibration_error
from training.page_reader.calibrate import calibrate_checkpoint, calibrated, fit, judged_documents
from training.page_reader.train import training_pages
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.calibration import Calibration
from vdr.page_reader.modules import PageImage


def too_sure(words=20_000):
    """Words that are right as often as half of their log odds say."""
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.05, 0.985, words)
    return Judged(confidence, (rng.random(words) < truth(confidence)).astype(float))


def truth(confidence):
    odds = np.sqrt(confidence / (1 - confidence))
    return odds / (1 + odds)


def page_image(folder):
    return next(m for m in open_checkpoint(str(folder), "cpu").modules() if isinstance(m, PageImage))


@pytest.fixture
def checkpoint(tmp_path):
    return copytree(str(files("vdr.page_reader") / "weights"), tmp_path / "checkpoint")


def test_the_fit_finds_what_words_were_drawn_by():
    found = fit(too_sure())
    assert (found.offset, found.slope) == (pytest.approx(0, abs=0.05), pytest.approx(0.5, abs=0.03))
    assert found.chance(0.9) == pytest.approx(truth(0.9), abs=0.01)


def test_calibrated_words_have_a_smaller_error():
    words = too_sure()
    after = calibrated(words, fit(words))
    assert calibration_error(words) > 0.05
    assert calibration_error(after) < 0.01
    assert np.array_equal(after.right, words.right)


def test_a_reader_that_is_never_wrong_has_a_finite_calibration():
    found = fit(Judged(np.full(100, 0.9), np.ones(100)))
    assert np.isfinite([found.offset, found.slope]).all()
    assert 0.9 < found.chance(0.9) < 1


def test_without_words_there_is_nothing_to_fit(checkpoint):
    with pytest.raises(ValueError, match="No words were read"):
        fit(Judged(np.zeros(0), np.zeros(0)))
    with pytest.raises(ValueError, match="The data has no held-out pages"):
        calibrate_checkpoint(checkpoint, [])


def test_words_of_a_prepared_page_are_judged_in_their_place(prepared, checkpoint):
    documents = judged_documents(page_image(checkpoint).quantized, training_pages(prepared))
    assert list(documents) == ["three.pdf"]
    assert len(documents["three.pdf"].right) >= 150
    assert documents["three.pdf"].right.mean() > 0.8


def test_the_checkpoint_keeps_its_calibration_and_its_quantized_nets(prepared, checkpoint, capsys):
    calibrate_checkpoint(checkpoint, list(training_pages(prepared)))
    first = page_image(checkpoint)
    calibrate_checkpoint(checkpoint, list(training_pages(prepared)))
    again = page_image(checkpoint)
    assert Calibration(first.offset, first.slope) == Calibration(again.offset, again.slope) != Calibration()
    assert again.quantized is not None
    assert "expected calibration error: 0." in capsys.readouterr().out

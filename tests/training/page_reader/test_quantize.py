from importlib.resources import files

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from training.page_reader.quantize import quantize_checkpoint
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.modules import PageImage


@pytest.fixture(scope="module")
def gray():
    page = Image.new("L", (1_088, 1_408), 255)
    for row in range(12):
        text = f"Gear boxes of {1990 + row} and the net sales of {row * 137} wind turbines"
        ImageDraw.Draw(page).text((90, 90 + 90 * row), text, fill=0, font=ImageFont.load_default(24))
    return np.array(page)


@pytest.fixture(scope="module")
def quantized(tmp_path_factory, gray):
    """A checkpoint whose weights were changed, as by training, and quantized anew."""
    folder = tmp_path_factory.mktemp("checkpoint")
    model = open_checkpoint(str(files("vdr.page_reader") / "weights"), "cpu")
    with torch.no_grad():
        page_image(model).reader.recognizer.head.bias += 0.01
    model.half().save(str(folder), create_model_card=False)
    quantize_checkpoint(folder, [gray, gray.T.copy()])
    return page_image(open_checkpoint(str(folder), "cpu"))


def page_image(model):
    return next(module for module in model.modules() if isinstance(module, PageImage))


def test_changed_weights_are_quantized_anew_and_found(quantized):
    assert quantized.quantized is not None


def test_what_it_reads_is_what_the_weights_read(quantized, gray):
    page = torch.from_numpy(gray).float() / 255
    found, wanted = (
        [word.text for word in reader.read(page)] for reader in (quantized.quantized, quantized.reader)
    )
    assert len(wanted) >= 40
    assert len(set(found) ^ set(wanted)) <= 0.1 * len(wanted)

"""The nets in eight bits that are shipped, against the ones in torch that they were made from."""

import copy
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from difflib import SequenceMatcher
from importlib.resources import files
from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.modules import PageImage
from vdr.page_reader.quantized import DIGEST, FOLDER, QuantizedReader, weights_digest
from vdr.page_reader.reading import Reader

WEIGHTS = files("vdr.page_reader") / "weights"


def page_image_of(model):
    return next(module for module in model.modules() if isinstance(module, PageImage))


@pytest.fixture(scope="module")
def page_image():
    return page_image_of(open_checkpoint(str(WEIGHTS), "cpu"))


@pytest.fixture(scope="module")
def page():
    image = Image.new("L", (1_088, 1_408), "white")
    font = ImageFont.load_default(26)
    for row in range(24):
        text = f"Net sales of the harbour rose to {row * 137} million in {1990 + row}"
        ImageDraw.Draw(image).text((90, 60 + 50 * row), text, fill="black", font=font)
    return torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).reshape(1_408, 1_088) / 255


def read_alike(some, others):
    """Pairs of words that were read alike, in order: one that is read as two shifts all that follow."""
    matcher = SequenceMatcher(  # type: ignore[call-overload]
        None, *([word.text for word in each] for each in (some, others)), autojunk=False
    )
    return [
        (some[block.a + n], others[block.b + n])
        for block in matcher.get_matching_blocks()
        for n in range(block.size)
    ]


def test_the_shipped_checkpoint_reads_in_eight_bits(page_image):
    assert page_image.quantized is not None
    assert page_image.quantized.folder.is_relative_to(Path(str(WEIGHTS)))


def test_eight_bits_read_what_torch_reads_and_where(page_image, page):
    exact = page_image.reader.read(page)
    alike = read_alike(page_image.quantized.read(page), exact)
    assert len(exact) > 200
    assert len(alike) >= 0.97 * len(exact)
    for one, other in alike:
        assert (one.box.x0, one.box.y1) == pytest.approx((other.box.x0, other.box.y1), abs=0.01)


def test_pages_read_side_by_side_read_as_alone(page_image, page):
    alone = page_image.quantized.read(page)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(page_image.quantized.read, [page] * 6)) == [alone] * 6


class Slow:
    """Stands for a request of OpenVINO, and knows how many of its kind run at once."""

    running = most = 0

    def infer(self, _):
        Slow.running += 1
        Slow.most = max(Slow.most, Slow.running)
        time.sleep(0.02)
        Slow.running -= 1

    @property
    def output_tensors(self):
        return []


def test_no_two_threads_infer_for_the_first_time_at_once(page_image, monkeypatch):
    monkeypatch.setattr(QuantizedReader, "_compiled", lambda *_: Slow())
    reader = QuantizedReader(page_image.quantized.folder)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: reader._run("net", torch.zeros(1)), range(4)))
    assert Slow.most == 1


def test_nets_of_other_weights_are_passed_by(page_image):
    folder = page_image.quantized.folder
    assert QuantizedReader.find(folder, page_image.reader) is not None
    assert QuantizedReader.find(folder, Reader()) is None


def test_a_checkpoint_without_quantized_nets_has_none(page_image, tmp_path):
    assert QuantizedReader.find(tmp_path / FOLDER, page_image.reader) is None


def test_a_checkpoint_saved_again_keeps_its_nets(tmp_path):
    open_checkpoint(str(WEIGHTS), "cpu").save(str(tmp_path), create_model_card=False)
    again = page_image_of(open_checkpoint(str(tmp_path), "cpu"))
    assert again.quantized is not None
    assert again.quantized.folder.is_relative_to(tmp_path)


def test_a_checkpoint_with_changed_weights_reads_by_torch(tmp_path):
    model = open_checkpoint(str(WEIGHTS), "cpu")
    with torch.no_grad():
        page_image_of(model).reader.detector.head[1].bias += 0.5
    model.save(str(tmp_path), create_model_card=False)
    assert page_image_of(open_checkpoint(str(tmp_path), "cpu")).quantized is None


def test_saving_in_place_keeps_the_nets(tmp_path):
    open_checkpoint(str(WEIGHTS), "cpu").save(str(tmp_path), create_model_card=False)
    open_checkpoint(str(tmp_path), "cpu").save(str(tmp_path), create_model_card=False)
    assert page_image_of(open_checkpoint(str(tmp_path), "cpu")).quantized is not None


def test_the_digest_is_that_of_half_precision():
    reader = Reader()
    before = weights_digest(reader.half())
    assert weights_digest(reader.float()) == before
    with torch.no_grad():
        reader.detector.head[1].bias += 0.5  # type: ignore[assignment, operator]
    assert weights_digest(reader) != before


def test_copies_and_pickles_read_by_the_same_files(page_image):
    for again in (copy.deepcopy(page_image.quantized), pickle.loads(pickle.dumps(page_image.quantized))):
        assert again.folder == page_image.quantized.folder
        assert (again.folder / DIGEST).is_file()

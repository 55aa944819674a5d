"""What holds for every Reader: the shipped page reader, a folder of its own, and nets that torch runs."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from vdr.errors import BadSetting, ModelError
from vdr.models.reader import load_reader
from vdr.page_reader.quantized import FOLDER
from vdr.settings import PAGE_READER
from vdr.types import Word

SHIPPED = Path(str(files("vdr.page_reader") / "weights"))
LINES = ("Annual harbour report", "Freight grew by twelve tonnes", "in the second quarter")


def page(*lines: str, size: tuple[int, int] = (900, 1_200)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    for place, text in enumerate(lines):
        drawn = ImageDraw.Draw(image)
        drawn.text((60, 80 + 120 * place), text, fill="black", font=ImageFont.load_default(36))
    return image


def texts(words):
    return [word.text.lower() for word in words]


@pytest.fixture(scope="module", params=["shipped", "folder", "by torch"])
def named(request, tmp_path_factory):
    if request.param == "shipped":
        return PAGE_READER
    folder = tmp_path_factory.mktemp("readers") / "own"
    shutil.copytree(SHIPPED, folder)
    if request.param == "by torch":
        (compiled,) = folder.rglob(FOLDER)
        shutil.rmtree(compiled)
    return str(folder)


@pytest.fixture(scope="module")
def reader(named):
    return load_reader(named)


def test_words_come_in_reading_order_with_boxes_and_confidence(reader):
    (words,) = reader.read([page(*LINES)])
    assert texts(words) == " ".join(LINES).lower().split()
    for word in words:
        assert isinstance(word, Word)
        assert 0 <= word.box.x0 < word.box.x1 <= 1
        assert 0 <= word.box.y0 < word.box.y1 <= 1
        assert 0 < word.confidence <= 1


def test_reading_is_deterministic_and_a_batch_equals_single_pages(reader):
    pages = [page(*LINES), page("Net sales"), page(), page("Ångström", size=(600, 300))]
    together = reader.read(pages)
    assert together == reader.read(pages)
    assert together == [words for each in pages for words in reader.read([each])]


def test_what_has_no_words_gives_none(reader):
    assert reader.read([]) == []
    empty = [
        page(),
        Image.new("RGB", (1, 1)),
        Image.new("RGB", (3_000, 4), "white"),
        Image.new("L", (64, 64)),
    ]
    assert reader.read(empty) == [()] * 4


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1"])
def test_every_kind_of_image_is_read(reader, mode):
    (words,) = reader.read([page(*LINES).convert(mode)])
    assert "harbour" in texts(words)


def test_threads_read_the_same(reader):
    pages = [page(line) for line in LINES]
    alone = reader.read(pages)
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(reader.read, [pages] * 4)) == [alone] * 4


def test_images_are_left_as_they_were(reader):
    image = page(*LINES)
    before = image.tobytes()
    reader.read([image])
    assert image.tobytes() == before


def test_its_words_and_its_fingerprint_are_those_of_its_checkpoint(reader, named):
    assert reader.name == named
    assert reader.fingerprint == load_reader(named).fingerprint
    assert reader.words.expand(["revenue"])


def test_another_checkpoint_has_another_fingerprint(tmp_path):
    folder = tmp_path / "tuned"
    shutil.copytree(SHIPPED, folder)
    same = load_reader(str(folder)).fingerprint
    assert same == load_reader(PAGE_READER).fingerprint
    config = next(folder.rglob("config.json"))
    config.write_text(config.read_text() + "\n")
    assert load_reader(str(folder)).fingerprint != same


def test_what_is_no_reader_is_refused_in_one_line(tmp_path):
    with pytest.raises(BadSetting, match="is no page reader") as caught:
        load_reader(str(tmp_path))
    assert "\n" not in str(caught.value)
    folder = tmp_path / "damaged"
    shutil.copytree(SHIPPED, folder)
    weights = next(folder.rglob("model.safetensors"))
    weights.write_bytes(weights.read_bytes()[:1_000])
    with pytest.raises(ModelError, match="cannot be loaded") as damaged:
        load_reader(str(folder))
    assert "\n" not in str(damaged.value) and "Set VDR_READER" in str(damaged.value)

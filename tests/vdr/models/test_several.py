"""Several embedders as one: each query is read once, and each embedder makes of it what it makes alone."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector
from vdr.models.embedder import load_embedder
from vdr.models.reader import PageReader
from vdr.settings import PAGE_READER, TEXT_ENCODER, ModelSettings

CLOSE = 1e-4


def page(text):
    image = Image.new("RGB", (600, 800), "white")
    ImageDraw.Draw(image).text((60, 200), text, fill="black", font=ImageFont.load_default(32))
    return image


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return [PAGE_READER, str(tiny_bert(folder / "bert")), str(tiny_bert_multi_vector(folder / "colbert"))]


def test_an_image_is_read_once_whatever_the_number_of_embedders(names, monkeypatch):
    reads, read = [], PageReader.read
    monkeypatch.setattr(
        PageReader, "read", lambda self, images: reads.append(len(images)) or read(self, images)
    )
    embedder = load_embedder(ModelSettings(embedder=",".join(names)))
    embedder.encode_queries([page("harbour report"), "net sales", page("wind turbines")])
    assert reads == [2]
    embedder.encode_queries(["net sales"])
    assert reads == [2]


def test_each_query_has_the_vectors_that_each_embedder_makes_alone(names):
    queries = ["net sales", page("harbour report"), "wind"]
    together = load_embedder(ModelSettings(embedder=",".join(names))).encode_queries(queries)
    parts = [[query, *query.more] for query in together]
    for place, name in enumerate(names):
        alone = load_embedder(ModelSettings(embedder=name)).encode_queries(queries)
        for own, part in zip(alone, parts, strict=True):
            assert np.allclose(own.embedding, part[place].embedding, atol=CLOSE)
    assert [query.terms for query in together] == [("net", "sales"), ("harbour", "report"), ("wind",)]


def test_a_word_that_one_of_the_embedders_knows_is_known():
    asked = "ethanol revenue quaterly goodwill"
    known = {}
    for name in (PAGE_READER, TEXT_ENCODER, f"{PAGE_READER},{TEXT_ENCODER}"):
        (query,) = load_embedder(ModelSettings(embedder=name)).encode_queries([asked])
        known[name] = query.known or frozenset()
    reader, encoder, both = known.values()
    assert "ethanol" in encoder - reader
    assert both == reader | encoder
    assert "quaterly" not in both

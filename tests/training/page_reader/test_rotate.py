"""A rotated page reader says the same at full width, and more in its first dimensions."""

import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router

from training.page_reader.rotate import rotate
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition

PAGES = [
    f"{topic} {detail} {n}"
    for topic in ("whales sea", "trams city")
    for detail in ("food", "song")
    for n in range(8)
]
QUERIES = ["what do whales eat", "songs of whales", "trams of the city", "fares in the city"]


def tiny_model():
    words = WordSuperposition(dims=256, buckets=4_096, weight_buckets=1_024)
    return SentenceTransformer(
        modules=[Router({"text": [QueryText()], "image": [PageImage()]}), words], device="cpu"
    )


def embedded(model, dims):
    vectors = model.encode([*PAGES, *QUERIES], convert_to_tensor=True)[:, :dims]
    return torch.nn.functional.normalize(vectors, dim=1)


def test_cosines_stay_and_the_first_dimensions_hold_more():
    model = tiny_model()
    before = {dims: embedded(model, dims) for dims in (256, 8)}
    rotate(model, PAGES, QUERIES)
    after = {dims: embedded(model, dims) for dims in (256, 8)}
    whole = before[256] @ before[256].T
    assert torch.allclose(after[256] @ after[256].T, whole, atol=1e-4)
    lost = {
        name: float((each[8] @ each[8].T - whole).square().mean())
        for name, each in (("before", before), ("after", after))
    }
    assert lost["after"] < 0.75 * lost["before"]


def test_turning_twice_is_turning_once():
    model = tiny_model()
    rotate(model, PAGES, QUERIES)
    once = embedded(model, 8)
    rotate(model, PAGES, QUERIES)
    assert (embedded(model, 8) @ embedded(model, 8).T).numpy() == pytest.approx(
        (once @ once.T).numpy(), abs=1e-3
    )

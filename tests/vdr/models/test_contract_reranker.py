"""What every reranker keeps to, the tests' own fake as well as a real one."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from tests.fixtures.reranker import DarkestFirst
from tests.fixtures.torchvision import FOLDER, offer_torchvision
from vdr.models.reranker import Reranker, load_reranker
from vdr.settings import ModelSettings

PAGES = [Image.new("RGB", (200, 280), color) for color in ("white", "gray", "navy")]
CLOSE = 1e-4


@pytest.fixture(scope="module", params=["fake", "cross-encoder"])
def reranker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reranker:
    if request.param == "fake":
        return DarkestFirst()
    if not offer_torchvision():
        pytest.skip(f"no torchvision, neither installed nor in {FOLDER}")
    from tests.fixtures.tiny_qwen import tiny_qwen3_vl_reranker  # after torchvision

    folder = tiny_qwen3_vl_reranker(tmp_path_factory.mktemp("contract") / "tiny-qwen-reranker")
    loaded = load_reranker(str(folder), ModelSettings(batch_size=2))
    assert loaded is not None
    assert loaded.reads_words is False
    return loaded


@pytest.mark.parametrize("query", ["quay", "", PAGES[2]], ids=["text", "empty", "image"])
def test_each_page_has_one_finite_score(reranker: Reranker, query: str | Image.Image) -> None:
    scores = reranker.score(query, PAGES)
    assert (scores.shape, scores.dtype) == ((len(PAGES),), np.dtype(np.float32))
    assert np.isfinite(scores).all()


def test_a_batch_gives_what_each_page_gives_alone(reranker: Reranker) -> None:
    alone = [reranker.score("quay", [image])[0] for image in PAGES]
    assert reranker.score("quay", PAGES) == pytest.approx(alone, abs=CLOSE)


def test_scores_follow_their_pages(reranker: Reranker) -> None:
    scores = reranker.score("quay", PAGES)
    assert len(set(scores.tolist())) == len(PAGES)
    assert reranker.score("quay", PAGES[::-1]) == pytest.approx(scores[::-1], abs=CLOSE)


def test_no_pages_have_no_scores(reranker: Reranker) -> None:
    assert reranker.score("quay", []).shape == (0,)


def test_a_question_of_ten_thousand_words_is_taken(reranker: Reranker) -> None:
    assert np.isfinite(reranker.score("wharf " * 10_000, PAGES[:1])).all()


def test_threads_may_share_one(reranker: Reranker) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: reranker.score("quay", PAGES), range(8)))
    assert all(scores == pytest.approx(found[0], abs=CLOSE) for scores in found)


def test_it_has_a_name(reranker: Reranker) -> None:
    assert reranker.name

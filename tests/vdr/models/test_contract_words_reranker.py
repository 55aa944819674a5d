"""What every reranker that reads keeps to, the tests' own fake as well as a real one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import CrossEncoder

from tests.fixtures.checkpoints import tiny_bert, tiny_bert_reranker
from tests.fixtures.rerank_server import like_tei, rerank_server
from tests.fixtures.reranker import MostOfTheQuestion
from vdr.errors import ModelError
from vdr.models.reranker import WordsReranker, load_reranker
from vdr.settings import ModelSettings

QUESTION = "a b c d"  # the tiny checkpoint's words are letters
PAGES = [("x y z a",), ("a b c", "d"), ("q",)]
CLOSE = 1e-4


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_bert_reranker(tmp_path_factory.mktemp("models") / "bert-reranker"))


@pytest.fixture(scope="module", params=["fake", "cross-encoder", "server"])
def reranker(request: pytest.FixtureRequest, checkpoint: str) -> Iterator[WordsReranker]:
    if request.param == "server":
        with rerank_server(like_tei) as server:
            yield loaded(server.url)
    else:
        yield MostOfTheQuestion() if request.param == "fake" else loaded(checkpoint)


def loaded(named: str) -> WordsReranker:
    found = load_reranker(named, ModelSettings(batch_size=2, device="cpu"))
    assert found.reads_words is True
    return found


@pytest.mark.parametrize("question", [QUESTION, "", "a " * 10_000], ids=["words", "empty", "10,000 words"])
def test_each_page_has_one_finite_score(reranker: WordsReranker, question: str) -> None:
    scores = reranker.score_words(question, PAGES)
    assert (scores.shape, scores.dtype) == ((len(PAGES),), np.dtype(np.float32))
    assert np.isfinite(scores).all()


def test_a_batch_gives_what_each_page_gives_alone_in_any_order(reranker: WordsReranker) -> None:
    alone = [float(reranker.score_words(QUESTION, [page])[0]) for page in PAGES]
    assert reranker.score_words(QUESTION, PAGES) == pytest.approx(alone, abs=CLOSE)
    assert reranker.score_words(QUESTION, PAGES[::-1]) == pytest.approx(alone[::-1], abs=CLOSE)
    assert len({round(score, 4) for score in alone}) == len(PAGES)


def test_the_best_stretch_of_a_page_counts(reranker: WordsReranker) -> None:
    scores = [float(reranker.score_words(QUESTION, [(text,)])[0]) for text in PAGES[1]]
    assert reranker.score_words(QUESTION, [PAGES[1]]) == pytest.approx([max(scores)], abs=CLOSE)


def test_no_pages_have_no_scores(reranker: WordsReranker) -> None:
    assert reranker.score_words(QUESTION, []).shape == (0,)


def test_threads_may_share_one(reranker: WordsReranker) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: reranker.score_words(QUESTION, PAGES), range(8)))
    assert all(scores == pytest.approx(found[0], abs=CLOSE) for scores in found)


def test_scores_are_those_of_the_checkpoint(checkpoint: str) -> None:
    pairs = [(QUESTION, page[0]) for page in PAGES]
    expected = CrossEncoder(checkpoint, device="cpu").predict(pairs)
    found = loaded(checkpoint).score_words(QUESTION, [page[:1] for page in PAGES])
    assert found == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize("question", ["https://example.org/chart.png", "chart.png", "[SEP] [CLS] [PAD]"])
def test_a_question_stays_a_text_whatever_it_says(checkpoint: str, question: str) -> None:
    assert np.isfinite(loaded(checkpoint).score_words(question, PAGES)).all()


def test_several_scores_a_page_are_refused(tmp_path: Path) -> None:
    several = tiny_bert_reranker(tmp_path / "classifier", labels=3)
    with pytest.raises(ModelError, match="gives 3 scores per page"):
        load_reranker(str(several), ModelSettings())


def test_an_embedder_of_texts_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Set VDR_RERANKER"):
        load_reranker(str(tiny_bert(tmp_path / "embedder")), ModelSettings())

"""The whole path with every kind of model: pages are embedded, read beside, found and shown."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import MultiVectorEncoder

from indexer.ingest import index_document
from indexer.library import Library
from indexer.services import open_services
from tests.fixtures.checkpoints import tiny_bert, tiny_bert_multi_vector
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import library_settings
from tests.fixtures.looking import looking_at_patches
from tests.fixtures.pdfs import write_pdf
from vdr.errors import BadSetting, IndexMismatch
from vdr.models.embedder import load_embedder
from vdr.models.loading import Models
from vdr.models.query_embedder import folder_of
from vdr.search.reranking import decoded
from vdr.search.searcher import Searcher
from vdr.settings import PAGE_READER, ModelSettings, SearchSettings, Settings
from vdr.types import Generation, PageRef, Quantization, SearchMode, SearchRequest, SearchResult, Stage

TEXTS = ("Harbour dues of the eastern wharf", "Minutes of the board of bakers", "Net sales of loaves")
Checkpoint = Callable[[Path], Path]


@pytest.fixture(autouse=True)
def without_conversion(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models run as they are loaded: tests of backends convert them."""
    monkeypatch.setenv("VDR_BACKEND", "torch")


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pdf(tmp_path_factory.mktemp("pdfs") / "town.pdf", TEXTS)


@contextmanager
def library(data_dir: Path, model: ModelSettings) -> Iterator[Library]:
    settings = library_settings(data_dir, page_long_side=1_024)
    settings = Settings.model_validate({**dict(settings), "model": model})
    with open_services(settings, Models(model)) as services:
        yield services.library()


def indexed(library: Library, pdf: Path) -> str:
    document, _ = library.add(pdf, pdf.name)
    index_document(library, document.document_id)
    return document.document_id


def asked(library: Library, request: SearchRequest) -> SearchResult:
    searcher = Searcher(library.embedder, library.claim(), library.objects, SearchSettings())
    return searcher.search(request)


@pytest.mark.parametrize("make", [tiny_bert, tiny_bert_multi_vector])
def test_a_model_that_takes_texts_embeds_what_pages_say(tmp_path: Path, pdf: Path, make: Checkpoint) -> None:
    model = ModelSettings(embedder=str(make(tmp_path / "tiny")))
    with library(tmp_path / "data", model) as opened:
        document_id = indexed(opened, pdf)
        words = opened.objects.page_words(PageRef(document_id, 1))
        assert [word.text for word in words.read] == TEXTS[0].split()
        result = asked(opened, SearchRequest(text="board of bakers", mode=SearchMode.VISUAL))
        assert result.hits[0].page.page_number == 2
        assert {Stage.FULL, Stage.READ} <= result.hits[0].stages.keys()
        assert result.hits[0].snippet.from_pixels or result.hits[0].snippet.text
        alike = asked(opened, SearchRequest(page=PageRef(document_id, 1)))
        assert {hit.page.page_number for hit in alike.hits} <= {2, 3}
        assert opened.generation.reader == PAGE_READER
        assert opened.generation.has_many_vectors


def test_served_search_ranks_as_the_model_itself_does(tmp_path: Path) -> None:
    texts = ["a b c d", "q r s", "a x y c", "m n o p q", "b d", "u v w a"]  # the model's words are letters
    model = ModelSettings(embedder=str(tiny_bert_multi_vector(tmp_path / "tiny")), reader=None)
    question = "a c r"
    with library(tmp_path / "data", model) as opened:
        indexed(opened, write_pdf(tmp_path / "letters.pdf", texts))
        found = asked(opened, SearchRequest(text=question, mode=SearchMode.VISUAL)).hits
    itself = MultiVectorEncoder(model.embedder, device="cpu")
    scores = itself.similarity(itself.encode_query([question]), itself.encode_document(texts))[0].numpy()
    assert [hit.page.page_number - 1 for hit in found] == list(np.argsort(-scores))
    by_page = {hit.page.page_number - 1: hit.stages[Stage.FULL] for hit in found}
    assert [by_page[place] for place in range(6)] == pytest.approx(scores / 5, abs=1e-3)  # of five tokens


def test_served_search_ranks_pages_that_are_looked_at_as_the_model_itself_does(
    tmp_path: Path, pdf: Path
) -> None:
    model = ModelSettings(embedder=str(looking_at_patches(tmp_path / "tiny")), reader=None)
    question = "board of bakers"
    with library(tmp_path / "data", model) as opened:
        document_id = indexed(opened, pdf)
        found = asked(opened, SearchRequest(text=question, mode=SearchMode.VISUAL)).hits
        pages = [PageRef(document_id, number) for number in range(1, len(found) + 1)]
        images = [decoded(opened.objects.page_image(page)) for page in pages]
    itself = MultiVectorEncoder(model.embedder, device="cpu")
    asked_tokens = itself.encode_query([question])
    scores = itself.similarity(asked_tokens, itself.encode_document(images))[0].numpy()
    assert [hit.page.page_number - 1 for hit in found] == list(np.argsort(-scores))
    by_page = [hit.stages[Stage.FULL] for hit in sorted(found, key=lambda hit: hit.page.page_number)]
    assert by_page == pytest.approx(scores / len(asked_tokens[0]), abs=1e-2)  # images are stored with a loss


def test_without_a_reader_nothing_is_read(tmp_path: Path, pdf: Path) -> None:
    model = ModelSettings(embedder=str(tiny_bert(tmp_path / "tiny")), reader=None)
    with library(tmp_path / "data", model) as opened:
        words = opened.objects.page_words(PageRef(indexed(opened, pdf), 1))
        assert words.read == ()
        assert [word.text for word in words.text_layer] == TEXTS[0].split()
        assert opened.generation.reader is None


def test_an_index_that_was_built_without_a_reader_goes_on_without_one(tmp_path: Path, pdf: Path) -> None:
    checkpoint = str(tiny_bert(tmp_path / "tiny"))
    with library(tmp_path / "data", ModelSettings(embedder=checkpoint, reader=None)) as opened:
        indexed(opened, pdf)
    with library(tmp_path / "data", ModelSettings(embedder=checkpoint)) as opened:
        assert opened.embedder.reader is None
        assert asked(opened, SearchRequest(text="wharf")).hits


def test_an_index_that_the_default_before_built_goes_on_by_it(tmp_path: Path, pdf: Path) -> None:
    with library(tmp_path / "data", ModelSettings(embedder=PAGE_READER)) as opened:
        indexed(opened, pdf)
    with library(tmp_path / "data", ModelSettings()) as opened:
        assert opened.query_embedder.name == opened.embedder.name == PAGE_READER
        more = write_pdf(pdf.with_name("more.pdf"), ["Ferries of the western quay"])
        indexed(opened, more)
        assert asked(opened, SearchRequest(text="ferries")).hits[0].page.page_number == 1
    chosen = f"{PAGE_READER},{tiny_bert(tmp_path / 'tiny')}"
    with library(tmp_path / "data", ModelSettings(embedder=chosen)) as opened, pytest.raises(IndexMismatch):
        _ = opened.embedder


def test_a_new_index_is_built_by_the_reader_and_the_encoder_that_are_shipped(
    tmp_path: Path, pdf: Path
) -> None:
    with library(tmp_path / "data", ModelSettings()) as opened:
        indexed(opened, pdf)
        assert opened.generation.embedder == "page-reader,text-encoder"
        result = asked(opened, SearchRequest(text="what did they earn by selling bread?"))
        assert result.hits[0].page.page_number == 3
        assert {Stage.FULL_2, Stage.LATE_INTERACTION} <= result.hits[0].stages.keys()
        assert opened.query_embedder.fingerprint == opened.embedder.fingerprint


def test_an_index_is_searched_with_the_reader_that_built_it(tmp_path: Path, pdf: Path) -> None:
    checkpoint = str(tiny_bert(tmp_path / "tiny"))
    with library(tmp_path / "data", ModelSettings(embedder=checkpoint)) as opened:
        indexed(opened, pdf)
    with (
        library(tmp_path / "data", ModelSettings(embedder=checkpoint, reader=None)) as opened,
        pytest.raises(IndexMismatch, match="read by page-reader"),
    ):
        opened.embedder.encode_queries(["wharf"])


def test_an_index_keeps_the_quantization_that_it_was_built_with(tmp_path: Path, pdf: Path) -> None:
    model = ModelSettings(embedder=str(tiny_bert(tmp_path / "tiny")), quantization=Quantization.INT8)
    with library(tmp_path / "data", model) as opened:
        indexed(opened, pdf)
    later = model.model_copy(update={"quantization": Quantization.NONE})
    with library(tmp_path / "data", later) as opened:
        assert opened.claim().schema.quantization is Quantization.INT8
        assert asked(opened, SearchRequest(text="wharf")).hits


def test_pooling_makes_another_index(tmp_path: Path) -> None:
    model = ModelSettings(embedder=str(tiny_bert_multi_vector(tmp_path / "tiny")), reader=None)
    pooled = model.model_copy(update={"pooling": 2.0})
    assert load_embedder(model).fingerprint != load_embedder(pooled).fingerprint


def test_a_reader_has_to_be_a_page_reader(tmp_path: Path) -> None:
    checkpoint = str(tiny_bert(tmp_path / "tiny"))
    with pytest.raises(BadSetting, match="is no page reader"):
        load_embedder(ModelSettings(embedder=checkpoint, reader=checkpoint))


def test_a_page_reader_takes_no_other_one_beside_it(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="embeds the words that it reads itself"):
        load_embedder(ModelSettings(reader=str(tmp_path)))
    path = folder_of(PAGE_READER)
    assert load_embedder(ModelSettings(embedder=path, reader=path)).reader is None


def test_off_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VDR_READER", "off")
    assert ModelSettings().reader is None


@pytest.mark.parametrize("names", [("page-reader", "windows"), ("windows", "tokens", "page-reader")])
def test_several_embedders_are_searched_together(tmp_path: Path, pdf: Path, names: tuple[str, ...]) -> None:
    made = {
        "page-reader": PAGE_READER,
        "windows": str(tiny_bert(tmp_path / "windows")),
        "tokens": str(tiny_bert_multi_vector(tmp_path / "tokens")),
    }
    model = ModelSettings(embedder=",".join(made[name] for name in names))
    with library(tmp_path / "data", model) as opened:
        document_id = indexed(opened, pdf)
        words = opened.objects.page_words(PageRef(document_id, 1))
        assert [word.text for word in words.read] == TEXTS[0].split()
        (hit, *_) = asked(opened, SearchRequest(text="board of bakers", mode=SearchMode.VISUAL)).hits
        assert hit.page.page_number == 2
        stages = [Stage.FULL, Stage.FULL_2, Stage.FULL_3][: len(names)]
        assert {*stages, Stage.READ, Stage.LATE_INTERACTION} <= hit.stages.keys()
        (alike, *_) = asked(opened, SearchRequest(page=hit.page, mode=SearchMode.VISUAL)).hits
        assert {*stages} <= alike.stages.keys()
        alone = load_embedder(ModelSettings(embedder=PAGE_READER)).encode_queries(["board of bakers"])[0]
        (several,) = opened.embedder.encode_queries(["board of bakers"])
        assert several.term_weights == alone.term_weights
    with library(tmp_path / "data", model) as again:
        assert len(again.generation.more) == len(names) - 1
        assert asked(again, SearchRequest(text="board of bakers")).hits[0].page.page_number == 2


def test_a_page_reader_embeds_what_was_read_ahead_as_if_it_had_read_itself(tmp_path: Path, pdf: Path) -> None:
    both = f"{PAGE_READER},{tiny_bert(tmp_path / 'tiny')}"
    points = []
    for place, embedder in enumerate((PAGE_READER, both)):
        with library(tmp_path / str(place), ModelSettings(embedder=embedder)) as opened:
            indexed(opened, pdf)
            points.append([(p.page, p.embedding.tolist(), p.regions) for p in opened.claim().points()])
    for one, other in zip(*(sorted(each, key=lambda p: p[0]) for each in points), strict=True):
        assert one[:2] == other[:2]
        assert np.array_equal(one[2], other[2])


@pytest.mark.parametrize(
    ("embedder", "said"),
    [
        ("page-reader,", "has an empty name"),
        ("page-reader,page-reader", "names an embedder twice"),
        ("a,b,c,d", "names 4 embedders; 3 are the most"),
    ],
)
def test_a_list_of_embedders_that_cannot_be_is_said_in_a_line(embedder: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said):
        load_embedder(ModelSettings(embedder=embedder))


@pytest.mark.parametrize(("asked_for", "has"), [("page-reader", None), (None, "page-reader"), (None, None)])
def test_a_model_is_loaded_once_whatever_reads_beside_it(asked_for: str | None, has: str | None) -> None:
    loaded: list[ModelSettings] = []

    class Read(TinyEmbedder):
        reader_name = has

    def load(settings: ModelSettings) -> Read:
        loaded.append(settings)
        return Read()

    models = Models(ModelSettings(reader=asked_for), load)
    first = models.embedder()
    begun = models.built_by(first, Generation("default", "g1", ""))
    assert models.embedder(None, begun) is models.embedder() is first
    assert len(loaded) == 1

"""The corpus is indexed once, gone on with when interrupted, and holds the chosen documents and no others."""

import shutil
from dataclasses import replace

import pytest

from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from training.evaluate.corpus import cache_name, open_corpus
from training.evaluate.documents import find_documents
from vdr.errors import MissingProgram, PageFailed, PdfBroken
from vdr.index.bm25 import term_index
from vdr.settings import OcrMode
from vdr.types import Box, Word


class Cached:
    """Opens the corpus of a folder again and again, and notes how many pages were embedded for it."""

    def __init__(self, folder, settings, cache):
        self.folder, self.settings, self.cache = folder, settings, cache
        self.embedded, self.said = 0, []

    def with_ocr(self, mode):
        """The same with OCR."""
        ingest = self.settings.ingest.model_copy(update={"ocr": OcrMode(mode)})
        return Cached(self.folder, self.settings.model_copy(update={"ingest": ingest}), self.cache)

    def open(self, *, first=None, text_layer=True, on_batch=None):
        def count(images):
            if on_batch:
                on_batch(images)
            self.embedded += len(images)

        documents = find_documents(self.folder, self.settings.ingest).first(first)
        return open_corpus(
            self.folder,
            documents,
            self.settings,
            TinyEmbedder(count),
            cache=self.cache,
            text_layer=text_layer,
            say=self.said.append,
        )


@pytest.fixture
def cached(folder, settings, tmp_path):
    return Cached(folder, settings, tmp_path / "cache")


def pages_of(corpus):
    return {point.page for point in corpus.index.points()}


def test_all_pages_are_indexed_and_their_text_read(cached):
    with cached.open() as corpus:
        assert pages_of(corpus) == set(corpus.documents.pages)
        assert [text.strip() for text in corpus.texts][1] == "a cat hunts the grey mouse"
        assert corpus.pages_per_s is not None and corpus.pages_per_s > 0
    assert cached.said[0].startswith("Indexing 2 documents into ")


def test_a_second_time_nothing_is_embedded_and_the_speed_is_remembered(cached):
    with cached.open() as corpus:
        speed = corpus.pages_per_s
    with cached.open() as corpus:
        assert corpus.pages_per_s == speed
    assert cached.embedded == 5
    assert cached.said[1].startswith("Reusing 2 documents, 5 pages, from ")


def test_an_interrupted_run_is_gone_on_with(cached):
    def interrupt(images):
        if len(images) == 2:  # the second document
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), cached.open(on_batch=interrupt):
        pass
    with cached.open() as corpus:
        assert len(pages_of(corpus)) == 5
    assert cached.embedded == 5
    assert cached.said[1].startswith("Reusing 1 documents, 3 pages")


def test_a_part_of_the_documents_is_a_corpus_of_its_own(cached):
    with cached.open() as whole:
        everything = pages_of(whole)
    with cached.open(first=1) as part:
        assert pages_of(part) == set(part.documents.pages) < everything
        assert part.library.index.count() == 5
    assert cached.embedded == 5


def test_a_pdf_taken_out_of_the_folder_is_no_longer_searched(cached):
    with cached.open():
        pass
    (cached.folder / "pdfs" / "tax.pdf").unlink()
    with cached.open() as corpus:
        assert len(pages_of(corpus)) == 3


def test_without_text_layer_the_vectors_stay_and_the_words_are_gone(cached):
    with cached.open() as corpus:
        expected = [replaced(point) for point in corpus.index.points()]
    for _ in range(2):  # the copy is made, then used again
        with cached.open(text_layer=False) as corpus:
            assert [replaced(point) for point in corpus.index.points()] == expected
            assert all(point.text_terms is None for point in corpus.index.points())
            assert corpus.texts == [""] * 5
    assert cached.embedded == 5


def replaced(point):
    bare = replace(point, text_terms=None)
    return (bare.page, bare.embedding.tobytes(), bare.read_terms)


def test_whatever_changes_vectors_or_images_is_cached_apart(folder, settings):
    embedder, other = TinyEmbedder(), TinyEmbedder()
    other.fingerprint = "0" * 64
    sharper = settings.model_copy(
        update={"ingest": settings.ingest.model_copy(update={"page_long_side": 512})}
    )
    names = [
        cache_name(folder, settings, embedder),
        cache_name(folder / "pdfs", settings, embedder),
        cache_name(folder, settings, other),
        cache_name(folder, sharper, embedder),
    ]
    assert len(set(names)) == 4
    assert cache_name(folder / "pdfs" / "..", settings, embedder) == names[0]


def test_the_users_own_library_is_left_alone(cached, settings):
    with cached.open():
        pass
    assert not settings.index.data_dir.exists()


def test_a_document_of_which_no_page_can_be_indexed_ends_the_run(cached, capsys):
    shutil.rmtree(cached.folder / "pdfs")
    (cached.folder / "pdfs").mkdir()
    pdfs.write_with_endless_page(cached.folder / "pdfs" / "endless.pdf", pages=1, endless=(1,))
    quick = cached.settings.ingest.model_copy(update={"page_timeout_s": 1.0})
    cached.settings = cached.settings.model_copy(update={"ingest": quick})
    with pytest.raises(PageFailed, match="1 of the PDFs could not be indexed"), cached.open():
        pass
    assert "endless.pdf" in capsys.readouterr().err


def test_a_machine_without_poppler_is_told(cached, monkeypatch):
    with cached.open() as corpus:
        shutil.rmtree(corpus.data_dir / "texts")
        documents = corpus.documents
    monkeypatch.setenv("PATH", "")
    embedder = TinyEmbedder()
    with (
        pytest.raises(MissingProgram),
        open_corpus(cached.folder, documents, cached.settings, embedder, cache=cached.cache, say=print),
    ):
        pass


def test_a_pdf_that_vanished_meanwhile_is_told(cached):
    with cached.open() as corpus:
        shutil.rmtree(corpus.data_dir / "texts")
        documents = corpus.documents
    (cached.folder / "pdfs" / "tax.pdf").unlink()
    with (
        pytest.raises(PdfBroken, match=r"text of tax\.pdf"),
        open_corpus(cached.folder, documents, cached.settings, TinyEmbedder(), cache=cached.cache, say=print),
    ):
        pass


def test_what_ocr_reads_completes_the_text_in_a_copy_of_the_index(cached, monkeypatch):
    read = []
    monkeypatch.setattr("training.evaluate.corpus.check_ocr", lambda *_: None)
    monkeypatch.setattr(
        "indexer.ocr.complete.read_pages",
        lambda images, *_: (
            read.append(len(images)) or [(Word("zebra", Box(0.8, 0.8, 0.9, 0.9)),)] * len(images)
        ),
    )
    with cached.open() as corpus:
        plain = {p.page: p.text_terms for p in corpus.index.points()}
        assert corpus.ocr_texts == [""] * len(plain)
    for _ in range(2):  # the second time nothing is read
        with cached.with_ocr("all").open() as corpus:
            completed = {p.page: p.text_terms for p in corpus.index.points()}
            assert corpus.ocr_texts == ["zebra"] * len(plain)
            assert [text.strip() for text in corpus.texts][1] == "a cat hunts the grey mouse"
    assert sum(read) == len(plain)
    zebra = term_index("zebra")
    assert all(zebra in terms.indices for terms in completed.values())
    with cached.open() as corpus:
        assert {p.page: p.text_terms for p in corpus.index.points()} == plain


def test_missing_means_pages_with_hardly_any_text(cached, monkeypatch):
    monkeypatch.setattr("training.evaluate.corpus.check_ocr", lambda *_: None)
    monkeypatch.setattr("indexer.ocr.pages._FEW_WORDS", 1)
    monkeypatch.setattr("indexer.ocr.complete.read_pages", lambda images, *_: [()] * len(images))
    with cached.with_ocr("missing").open() as corpus:
        words = [corpus.library.objects.page_words(page) for page in corpus.documents.pages]
    assert [each.ocr is None for each in words] == [bool(each.text_layer) for each in words]
    with cached.with_ocr("missing").open(text_layer=False) as corpus:
        words = [corpus.library.objects.page_words(page) for page in corpus.documents.pages]
    assert all(each.ocr == () for each in words)

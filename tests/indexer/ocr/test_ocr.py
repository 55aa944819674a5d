"""OCR completes the words of pages that can be searched already, and never takes any away."""

import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer.commands import upkeep as commands
from indexer.commands.index import run
from indexer.ingest import index_document, index_run
from indexer.ocr.complete import complete_document, complete_run
from indexer.ocr.pages import check_ocr, is_wanted, languages_of, read_pages
from indexer.pdf.cage import Cage, Overrun
from indexer.pdf.prepare import webp_of
from indexer.services import open_services
from tests.fixtures import pdfs
from tests.fixtures.checkpoints import tiny_bert_multi_vector
from tests.fixtures.embedder import Gate, TinyEmbedder
from tests.fixtures.jobs import job_setup, wait_until
from tests.fixtures.libraries import library_in, library_settings
from vdr.errors import BadSetting, MissingProgram
from vdr.index.bm25 import page_terms, query_terms
from vdr.models.loading import Models
from vdr.search.searcher import Searcher
from vdr.settings import PAGE_READER, IngestSettings, ModelSettings, OcrMode, SearchSettings, Settings
from vdr.types import Box, DocumentState, PageRef, PageWords, SearchMode, SearchRequest, Word

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="needs tesseract")
LEGIBLE = {"page_long_side": 1_024}


def picture(*lines):
    image = Image.new("RGB", (1_000, 700), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(44)
    for row, line in enumerate(lines):
        draw.text((80, 80 + 90 * row), line, "black", font)
    return image


def scan(path, *lines):
    picture(*lines).save(path)
    return path


@contextmanager
def setup(folder, embedder=None, **ingest):
    settings = library_settings(folder, **LEGIBLE, **ingest)
    with job_setup(settings, embedder) as made:
        yield made


def ocr_is_over(made, document_id):
    document = made.library.catalogue.get(document_id)
    return (
        document.indexing.state is DocumentState.INDEXED
        and document.indexing.ocr_pages_done == document.indexing.ocr_pages
    )


def found(made, query):
    searcher = Searcher(
        made.library.embedder, made.library.index, made.library.objects, SearchSettings(rerank_candidates=0)
    )
    return searcher.search(SearchRequest(query, mode=SearchMode.TEXT)).hits


@needs_tesseract
def test_a_scan_is_found_by_the_words_in_its_picture(tmp_path):
    with setup(tmp_path / "data", ocr="missing") as made:
        made.start()
        document_id = made.add(scan(tmp_path / "letter.png", "Invoice of Wintergreen Ltd", "Total 4711"))
        wait_until(lambda: ocr_is_over(made, document_id))
        words = made.library.objects.page_words(PageRef(document_id, 1))
        (hit,) = found(made, "wintergreen 4711")
        assert made.library.catalogue.get(document_id).indexing.ocr_pages == 1
    assert hit.page.document_id == document_id
    assert "Wintergreen" in hit.snippet.text
    assert hit.snippet.from_pixels
    wintergreen = next(word for word in words.ocr if word.text == "Wintergreen")
    assert wintergreen.box.x0 == pytest.approx(0.27, abs=0.06)
    assert wintergreen.box.y0 == pytest.approx(0.13, abs=0.05)
    assert 0.5 < wintergreen.confidence <= 1
    assert words.read  # what the embedder read is kept


@needs_tesseract
def test_pages_with_text_are_left_alone_or_completed_as_the_mode_says(tmp_path):
    report = pdfs.write_pdf(tmp_path / "a.pdf", ["one two three four five\nsix seven eight nine ten eleven"])
    with setup(tmp_path / "missing", ocr="missing") as made:
        made.start()
        document_id = made.add(report)
        wait_until(lambda: ocr_is_over(made, document_id))
        assert made.library.objects.page_words(PageRef(document_id, 1)).ocr is None
        (before,) = made.library.index.points()
    with setup(tmp_path / "all", ocr="all") as made:
        made.start()
        document_id = made.add(report)
        wait_until(lambda: ocr_is_over(made, document_id))
        words = made.library.objects.page_words(PageRef(document_id, 1))
        (after,) = made.library.index.points()
    assert {"seven", "eleven"} <= {word.text for word in words.ocr}
    assert after.text_terms == before.text_terms  # there was nothing to add
    assert after.read_terms == before.read_terms
    assert after.embedding.tobytes() == before.embedding.tobytes()


@needs_tesseract
def test_it_goes_on_where_it_was_when_the_program_ended(tmp_path, monkeypatch):
    seen = []
    tiff = tmp_path / "scans.tiff"
    pages = [picture(f"Page number {n}") for n in range(1, 21)]
    pages[0].save(tiff, save_all=True, append_images=pages[1:])
    with setup(tmp_path / "data", ocr="all") as made:

        def once(library, document_id, attempt, numbers):
            seen.append(numbers)
            complete_run(library, document_id, attempt, numbers)
            made.worker._stop.set()  # as a signal would, in the middle of a document

        monkeypatch.setattr("indexer.ocr.complete.complete_run", once)
        document_id = made.add(tiff)
        made.start()
        wait_until(lambda: seen)
        made.stop()
        document = made.library.catalogue.get(document_id)
        assert 0 < document.indexing.ocr_pages_done < document.indexing.ocr_pages == 20
        assert made.library.index.count() == 20  # all of it could be searched before
    with setup(tmp_path / "data", ocr="all") as made:
        monkeypatch.setattr(
            "indexer.ocr.complete.complete_run", lambda *of: seen.append(of[3]) or complete_run(*of)
        )
        made.start()
        wait_until(lambda: ocr_is_over(made, document_id))
        texts = [made.library.objects.page_texts(PageRef(document_id, n)).ocr for n in range(1, 21)]
    assert [number for numbers in seen for number in numbers] == list(range(1, 21))
    assert all(str(n) in text for n, text in enumerate(texts, 1))


def test_it_waits_for_documents_that_are_being_indexed(tmp_path, monkeypatch):
    gate, order = Gate(), []
    monkeypatch.setattr("indexer.jobs.worker.check_ocr", lambda *_: None)
    monkeypatch.setattr(
        "indexer.ocr.complete.read_pages", lambda images, *_: order.append("ocr") or [()] * len(images)
    )
    first = pdfs.write_report(tmp_path / "first.pdf", 1, "first")
    second = pdfs.write_report(tmp_path / "second.pdf", 1, "second")
    with setup(tmp_path / "data", TinyEmbedder(), ocr="all") as made:
        one, other = made.add(first), made.add(second)

        def gated(library, document_id, *rest):
            if document_id == other:
                gate([])
                order.append("indexed")
            return index_run(library, document_id, *rest)

        monkeypatch.setattr("indexer.ingest.index_run", gated)
        made.start()
        made.wait_for(one, DocumentState.INDEXED)
        assert gate.reached.wait(60)
        assert order == []
        gate.opened.set()
        wait_until(lambda: ocr_is_over(made, one) and ocr_is_over(made, other))
    assert order == ["indexed", "ocr", "ocr"]


def test_a_document_deleted_meanwhile_leaves_nothing(tmp_path, monkeypatch):
    gate = Gate()
    monkeypatch.setattr("indexer.jobs.worker.check_ocr", lambda *_: None)
    monkeypatch.setattr(
        "indexer.ocr.complete.read_pages", lambda images, *_: gate(images) or [()] * len(images)
    )
    with setup(tmp_path / "data", ocr="all") as made:
        made.start()
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        assert gate.reached.wait(60)
        made.library.delete(document_id)
        gate.opened.set()
        made.stop()
        assert list(made.library.objects.document_ids()) == []
        assert made.library.index.count() == 0


BOX = Box(0.1, 0.1, 0.3, 0.12)


@contextmanager
def completed(folder, model, monkeypatch):
    """A library with a blank scan in which OCR found letters; the page's embeddings before that, too."""
    monkeypatch.setattr("indexer.ocr.complete.read_pages", lambda images, *_: [(Word("abc", BOX),)])
    settings = library_settings(folder, **LEGIBLE, ocr="all")  # type: ignore[arg-type]
    settings = Settings.model_validate({**dict(settings), "model": model})
    with open_services(settings, Models(model)) as services:
        library = services.library()
        document, _ = library.add(scan(folder.with_suffix(".png")), "scan.png")
        index_document(library, document.document_id)
        page = PageRef(document.document_id, 1)
        before = library.index.page_embeddings(page)
        attempt = library.catalogue.get(document.document_id).indexing.attempt
        complete_document(library, document.document_id, attempt)
        yield library, page, before


def test_a_model_that_takes_texts_embeds_what_ocr_found(tmp_path, monkeypatch):
    model = ModelSettings(embedder=str(tiny_bert_multi_vector(tmp_path / "tiny")), backend="torch")
    with completed(tmp_path / "data", model, monkeypatch) as (library, page, before):
        (after,) = library.index.page_embeddings(page)
        words = library.objects.page_words(page)
        (made,) = library.embedder.encode_pages((), [words])
    assert [word.text for word in words.ocr] == ["abc"]
    assert after == pytest.approx(made.embedding, abs=1e-3)
    assert after.shape != before[0].shape or not np.allclose(after, before[0], atol=1e-2)


def test_of_several_embedders_those_that_look_keep_their_vectors(tmp_path, monkeypatch):
    both = f"{PAGE_READER},{tiny_bert_multi_vector(tmp_path / 'tiny')}"
    with completed(tmp_path / "data", ModelSettings(embedder=both), monkeypatch) as (library, page, before):
        looking, reading = library.index.page_embeddings(page)
    assert looking.tobytes() == before[0].tobytes()
    assert reading.shape != before[1].shape or not np.allclose(reading, before[1], atol=1e-2)


def test_a_model_that_looks_is_not_loaded_for_ocr(tmp_path, monkeypatch):
    with completed(tmp_path / "data", ModelSettings(embedder=PAGE_READER), monkeypatch) as (
        library,
        page,
        before,
    ):
        assert library.index.page_embeddings(page)[0].tobytes() == before[0].tobytes()

    def refuse(_):
        raise AssertionError("No model is needed.")

    opened = library_settings(tmp_path / "data", **LEGIBLE, ocr="all")  # type: ignore[arg-type]
    with open_services(opened, Models(ModelSettings(embedder=PAGE_READER), load=refuse)) as services:
        again = services.library()
        again.catalogue.ask_ocr(page.document_id)
        document = again.catalogue.get(page.document_id)
        complete_document(again, page.document_id, document.indexing.attempt)
        assert again.catalogue.get(page.document_id).indexing.ocr_pages_done == 1


def test_what_is_wanted_no_more_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.jobs.worker.check_ocr", lambda *_: None)
    with library_in(tmp_path / "data", ocr="all") as library:  # type: ignore[arg-type]
        report = pdfs.write_report(tmp_path / "a.pdf", 2)
        document_id = library.add(report, report.name)[0].document_id
        assert index_document(library, document_id).indexing.ocr_pages == 2
    with setup(tmp_path / "data", ocr="off") as made:
        made.start()
        wait_until(lambda: ocr_is_over(made, document_id))
        assert made.library.catalogue.get(document_id).indexing.ocr_pages == 0


def test_an_error_leaves_the_document_as_it_was(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("indexer.jobs.worker.check_ocr", lambda *_: None)
    with setup(tmp_path / "data", ocr="all") as made:
        monkeypatch.setattr("indexer.ocr.complete.complete_run", lambda *_: 1 / 0)
        made.start()
        document_id = made.add(pdfs.write_report(tmp_path / "a.pdf", 2))
        wait_until(lambda: "was given up: division by zero" in caplog.text)
        wait_until(lambda: ocr_is_over(made, document_id))
        assert made.library.index.count() == 2


@needs_tesseract
@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270]
)
def test_a_page_that_lies_the_wrong_way_is_read_where_it_stands(turn):
    lines = ["Keeper of the northern light", "Fog signal sounded for nine hours", "Barometer fell slowly"]
    lines += [
        "Replace the lamp glass on Monday",
        "All quiet at the harbour mouth",
        "Two ships passed before noon",
    ]
    (words,) = read_pages([webp_of(picture(*lines).transpose(turn))], "eng", IngestSettings())
    assert [word.text for word in words] == " ".join(lines).split()
    first, last = words[0].box, words[-1].box
    expected = {
        Image.Transpose.ROTATE_180: (first.x0 > 0.7 and first.y0 > 0.7 and last.y0 < first.y0),
        Image.Transpose.ROTATE_90: (first.x0 < 0.3 and first.y0 > 0.7 and last.x0 > first.x0),
        Image.Transpose.ROTATE_270: (first.x0 > 0.7 and first.y0 < 0.3 and last.x0 < first.x0),
    }
    assert expected[turn]


@needs_tesseract
def test_without_the_file_that_knows_directions_upright_pages_are_read(tmp_path, monkeypatch):
    listed = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout
    installed = Path(listed.split('"')[1])
    for part in ("eng.traineddata", "configs"):
        (tmp_path / part).symlink_to(installed / part)
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    (words,) = read_pages([webp_of(picture("Alpha beta"))], "eng", IngestSettings())
    assert [word.text for word in words] == ["Alpha", "beta"]


@needs_tesseract
def test_a_page_that_takes_too_long_has_no_words_and_the_others_have(tmp_path, monkeypatch):
    images = [webp_of(picture("Alpha beta")), webp_of(picture("Gamma delta"))]
    both = read_pages(images, "eng", IngestSettings())
    assert [[word.text for word in words] for words in both] == [["Alpha", "beta"], ["Gamma", "delta"]]
    ran, calls = Cage.run, []

    def slow(self, *arguments, **options):
        calls.append(arguments)
        if len(calls) in (1, 3):  # both together, and then the second alone
            raise Overrun("It took too long.")
        return ran(self, *arguments, **options)

    monkeypatch.setattr(Cage, "run", slow)
    assert read_pages(images, "eng", IngestSettings()) == [both[0], ()]


@needs_tesseract
def test_a_run_of_pages_has_the_processor_for_as_long_as_it_may_take(monkeypatch):
    limits = []

    def note(self, command, timeout_s, **options):
        limits.append((self.limits.cpu_s, timeout_s))
        raise Overrun("It took too long.")

    monkeypatch.setattr(Cage, "run", note)
    read_pages([b"one", b"other"], "eng", IngestSettings(page_timeout_s=60))
    assert limits == [(130, 130), (70, 70), (70, 70)]  # 10 s to start, and 60 s a page


@needs_tesseract
def test_a_damaged_image_is_no_reason_to_stop():
    good, bad = webp_of(picture("Alpha beta")), b"RIFF not an image"
    assert [len(words) for words in read_pages([good, bad], "eng", IngestSettings())] == [2, 0]
    assert read_pages([], "eng", IngestSettings()) == []


@needs_tesseract
def test_a_language_that_is_not_there_is_named_before_anything_is_done():
    with pytest.raises(BadSetting, match=r"languages not installed: tlh"):
        check_ocr("default", IngestSettings(ocr=OcrMode.ALL, ocr_language="eng+tlh"))
    check_ocr("default", IngestSettings(ocr=OcrMode.OFF, ocr_language="tlh"))
    with pytest.raises(BadSetting, match="a language of tlh is not installed"):
        read_pages([webp_of(picture("Alpha"))], "tlh", IngestSettings())


def test_without_the_program_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingProgram, match="Install tesseract-ocr"):
        check_ocr("default", IngestSettings(ocr=OcrMode.ALL))
    with pytest.raises(MissingProgram, match="Install tesseract-ocr"):
        read_pages([b"webp"], "eng", IngestSettings())


def test_languages_go_by_the_collection():
    settings = IngestSettings(ocr_language="eng", ocr_languages={"invoices": "deu+fra"})
    assert (languages_of("invoices", settings), languages_of("default", settings)) == ("deu+fra", "eng")


def test_which_pages_are_wanted():
    stamp = PageWords(text_layer=(Word("copy", Box(0, 0, 0.1, 0.1)),))
    full = PageWords(text_layer=stamp.text_layer * 40)
    assert [is_wanted(stamp, mode) for mode in OcrMode] == [False, True, True]
    assert [is_wanted(full, mode) for mode in OcrMode] == [False, False, True]


def test_print_that_is_hardly_read_is_wanted_whatever_text_there_is_and_again_in_another_language():
    heading = tuple(Word("copy", Box(0.05 * n, 0, 0.05 * n + 0.04, 0.02)) for n in range(12))
    lines = tuple(Word("Bсeoбщaя", Box(0.1, 0.05 * n, 0.3, 0.05 * n + 0.02), 0.6) for n in range(2, 18))
    page = PageWords(text_layer=heading, read=lines)
    sure = replace(page, read=tuple(replace(word, confidence=0.97) for word in lines))
    assert is_wanted(page, OcrMode.MISSING)
    assert is_wanted(replace(page, ocr=lines), OcrMode.MISSING)
    assert not is_wanted(sure, OcrMode.MISSING)
    assert not is_wanted(replace(page, text_layer=heading + lines), OcrMode.MISSING)


@needs_tesseract
def test_the_command_reads_the_pictures_after_everything_is_indexed(tmp_path, monkeypatch, capsys):
    for name, value in {"DATA_DIR": tmp_path / "data", "PAGE_LONG_SIDE": 1_024, "OCR": "missing"}.items():
        monkeypatch.setenv(f"VDR_{name}", str(value))
    file = scan(tmp_path / "letter.png", "Invoice of Wintergreen Ltd")
    assert run([str(file)], lambda _: TinyEmbedder()) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "OCR finished for 1 page."
    with library_in(tmp_path / "data", **LEGIBLE) as library:  # type: ignore[arg-type]
        (point,) = library.index.points()
        words = library.objects.page_words(PageRef(point.page.document_id, 1))
    assert point.text_terms.indices == page_terms(words.ocr or ()).indices
    assert set(query_terms(["wintergreen"]).indices) <= set(point.text_terms.indices)


def test_documents_indexed_before_are_read_when_asked_for(tmp_path, monkeypatch, capsys):
    read = []
    monkeypatch.setattr("vdr.models.loading._load_embedder", lambda _: TinyEmbedder())
    monkeypatch.setattr("indexer.commands.upkeep.check_ocr", lambda *_: None)
    monkeypatch.setattr(
        "indexer.ocr.complete.read_pages", lambda images, *_: read.append(len(images)) or [()] * len(images)
    )
    for name, value in {"DATA_DIR": tmp_path / "data", "PAGE_LONG_SIDE": 256}.items():
        monkeypatch.setenv(f"VDR_{name}", str(value))
    with pytest.raises(BadSetting, match="OCR is off"):
        commands.ocr(None)
    for name, pages in (("a", 3), ("b", 1)):
        assert (
            run([str(pdfs.write_report(tmp_path / f"{name}.pdf", pages, name))], lambda _: TinyEmbedder())
            == 0
        )
    monkeypatch.setenv("VDR_OCR", "all")
    commands.ocr(["a.pdf"])
    assert read == [3]
    assert capsys.readouterr().out.splitlines()[-1] == "OCR finished for 3 pages."
    commands.ocr(None)
    assert sum(read) == 3 + 4

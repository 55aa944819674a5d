"""Documents are taken out of PDFs in the cage: each once, within limits, whatever they are packed in."""

import zlib
from pathlib import Path

import pikepdf
import pytest

from indexer.pdf.attachments import take_out
from indexer.pdf.facts import read_facts
from tests.fixtures.pdfs import attach, write_pdf, write_report, write_xfa
from vdr.settings import IngestSettings

SETTINGS = IngestSettings()


def pdf_bytes(path: Path, text: str) -> bytes:
    return write_pdf(path, [text]).read_bytes()


def taken(pdf: Path, folder: Path, **settings: int) -> tuple[list[tuple[str, int | None]], int]:
    """Names and parents of what is taken out, and how many are left out."""
    out = folder / "out"
    out.mkdir(exist_ok=True)
    found, left_out = take_out(pdf, IngestSettings(**settings), out)  # type: ignore[arg-type]
    assert all(each.path.is_file() for each in found)
    return [(each.name, each.parent) for each in found], left_out


def test_documents_are_taken_out_and_others_are_left(tmp_path: Path) -> None:
    tender = pdf_bytes(tmp_path / "t.pdf", "Tender")
    cover = write_pdf(tmp_path / "cover.pdf", ["Cover"])
    attach(cover, {"tender.pdf": tender, "invoice.xml": b"<invoice/>", "again.pdf": tender})
    assert taken(cover, tmp_path) == ([("again.pdf", None)], 0)  # the same bytes under two names


def test_in_a_portfolio_what_is_no_document_is_missed(tmp_path: Path) -> None:
    cover = write_pdf(tmp_path / "cover.pdf", ["Cover"])
    attach(cover, {"a.pdf": pdf_bytes(tmp_path / "a.pdf", "A"), "b.txt": b"text"}, is_portfolio=True)
    assert taken(cover, tmp_path) == ([("a.pdf", None)], 1)
    assert read_facts(cover, 1, SETTINGS).attached == 2


def test_what_is_attached_to_an_attached_pdf_names_it(tmp_path: Path) -> None:
    inner = attach(write_pdf(tmp_path / "i.pdf", ["Inner"]), {"deep.pdf": pdf_bytes(tmp_path / "d.pdf", "D")})
    cover = attach(write_pdf(tmp_path / "cover.pdf", ["Cover"]), {"inner.pdf": inner.read_bytes()})
    assert taken(cover, tmp_path) == ([("inner.pdf", None), ("deep.pdf", 0)], 0)


def test_nesting_has_an_end(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "0.pdf", ["0"])
    for level in range(1, 10):
        outer = write_pdf(tmp_path / f"{level}.pdf", [str(level)])
        path = attach(outer, {f"{level - 1}.pdf": path.read_bytes()})
    found, _ = taken(path, tmp_path)
    assert found == [("8.pdf", None), ("7.pdf", 0), ("6.pdf", 1), ("5.pdf", 2)]


def test_only_so_many_are_taken(tmp_path: Path) -> None:
    files = {f"{n}.pdf": pdf_bytes(tmp_path / "n.pdf", str(n)) for n in range(5)}
    cover = attach(write_pdf(tmp_path / "cover.pdf", ["Cover"]), files)
    found, left_out = taken(cover, tmp_path, max_attachments=2)
    assert (len(found), left_out) == (2, 3)


def bomb(pdf: pikepdf.Pdf, filters: list[pikepdf.Name], data: bytes) -> pikepdf.Object:
    """A file specification whose stream unpacks to far more than it is."""
    stream = pikepdf.Stream(pdf, b"")
    stream.write(data, filter=pikepdf.Array(filters) if len(filters) > 1 else filters[0])
    return pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F=pikepdf.String("bomb.pdf"),
            EF=pikepdf.Dictionary(F=pdf.make_indirect(stream)),
        )
    )


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_left_out_and_the_rest_is_taken(tmp_path: Path, layers: int) -> None:
    data = b"%PDF-1.4" + bytes(50 * 2**20)
    for _ in range(layers):
        data = zlib.compress(data, 9)
    cover = attach(
        write_pdf(tmp_path / "cover.pdf", ["Cover"]), {"a.pdf": pdf_bytes(tmp_path / "a.pdf", "A")}
    )
    with pikepdf.open(cover, allow_overwriting_input=True) as pdf:
        spec = bomb(pdf, [pikepdf.Name.FlateDecode] * layers, data)
        pdf.pages[0].Annots = pikepdf.Array(
            [pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, FS=spec)]
        )
        pdf.save(cover, stream_decode_level=pikepdf.StreamDecodeLevel.none, compress_streams=False)
    assert cover.stat().st_size < 2**20
    assert taken(cover, tmp_path, max_file_bytes=2**20) == ([("a.pdf", None)], 1)


def test_a_note_on_a_page_may_hold_a_file(tmp_path: Path) -> None:
    cover = write_pdf(tmp_path / "cover.pdf", ["Cover"])
    with pikepdf.open(cover, allow_overwriting_input=True) as pdf:
        spec = bomb(pdf, [pikepdf.Name.FlateDecode], zlib.compress(pdf_bytes(tmp_path / "a.pdf", "A")))
        note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, FS=spec)
        pdf.pages[0].Annots = pikepdf.Array([note, note])
        pdf.save(cover)
    assert taken(cover, tmp_path) == ([("bomb.pdf", None)], 0)
    assert read_facts(cover, 1, SETTINGS).attached == 1


def test_a_damaged_pdf_has_no_attachments(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 and no more")
    assert taken(path, tmp_path) == ([], 1)


def test_invoices_are_not_portfolios(tmp_path: Path) -> None:
    cover = attach(write_pdf(tmp_path / "a.pdf", ["Invoice"]), {"factur-x.xml": b"<x/>", "a.PNG": b"png"})
    assert read_facts(cover, 1, SETTINGS).attached == 1
    assert read_facts(write_report(tmp_path / "b.pdf", 1), 1, SETTINGS).attached == 0


@pytest.mark.parametrize(
    ("fields", "needs_rendering", "expected"), [(0, True, True), (0, False, True), (3, False, False)]
)
def test_a_form_that_only_its_xfa_draws(
    tmp_path: Path, fields: int, needs_rendering: bool, expected: bool
) -> None:
    path = write_xfa(tmp_path / "a.pdf", fields=fields, needs_rendering=needs_rendering)
    assert read_facts(path, 1, SETTINGS).is_placeholder is expected

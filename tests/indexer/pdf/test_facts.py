"""What PDFs say of themselves is read in the cage, and nothing where they are damaged."""

from pathlib import Path

import pikepdf
import pytest

from indexer.pdf.facts import PdfFacts, read_facts
from tests.fixtures.pdfs import write_labelled, write_report, write_titled, write_truncated
from vdr.settings import IngestSettings
from vdr.types import PdfInfo

SETTINGS = IngestSettings()


def facts_of(path: Path, change: object, pages: int = 3) -> PdfFacts:
    """The facts of a report that `change` has worked on."""
    with pikepdf.open(write_report(path, pages), allow_overwriting_input=True) as pdf:
        change(pdf)  # type: ignore[operator]
        pdf.save(path)
    return read_facts(path, pages, SETTINGS)


def test_printed_page_numbers(tmp_path: Path) -> None:
    labels: dict[int, dict[str, object]] = {
        0: {"S": pikepdf.Name.r},
        2: {"S": pikepdf.Name.D, "P": "A-", "St": 7},
    }
    path = write_labelled(tmp_path / "a.pdf", ["page"] * 4, labels)
    assert read_facts(path, 4, SETTINGS).page_labels == ("i", "ii", "A-7", "A-8")


def test_a_pdf_without_any_says_nothing(tmp_path: Path) -> None:
    facts = read_facts(write_report(tmp_path / "a.pdf", 3), 3, SETTINGS)
    assert facts.page_labels == ()
    assert (facts.info.title, facts.info.author) == ("", "")  # untitled and anonymous, writes the library


def test_labels_in_a_tree_of_several_levels(tmp_path: Path) -> None:
    def nest(pdf: pikepdf.Pdf) -> None:
        leaf = pdf.make_indirect(
            pikepdf.Dictionary(Limits=[1, 1], Nums=[1, pikepdf.Dictionary(S=pikepdf.Name.R)])
        )
        inner = pdf.make_indirect(pikepdf.Dictionary(Limits=[1, 1], Kids=[leaf]))
        pdf.Root.PageLabels = pikepdf.Dictionary(Kids=[inner])

    assert facts_of(tmp_path / "a.pdf", nest).page_labels == ("1", "I", "II")


@pytest.mark.parametrize(
    "labels",
    [
        pikepdf.Name.Nonsense,
        pikepdf.Dictionary(Nums=7),
        pikepdf.Dictionary(Nums=[0]),
        pikepdf.Dictionary(Nums=[0, pikepdf.Name.Nonsense]),
    ],
)
def test_labels_that_are_none_are_left_out(tmp_path: Path, labels: pikepdf.Object) -> None:
    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.Root.PageLabels = labels

    assert facts_of(tmp_path / "a.pdf", spoil).page_labels == ()


def test_a_tree_that_leads_back_to_itself_has_an_end(tmp_path: Path) -> None:
    def loop(pdf: pikepdf.Pdf) -> None:
        tree = pdf.make_indirect(pikepdf.Dictionary())
        tree.Kids = pikepdf.Array([tree])
        pdf.Root.PageLabels = tree

    assert facts_of(tmp_path / "a.pdf", loop).page_labels == ()


def test_a_start_that_is_no_number_and_a_prefix_that_is_half_a_character(tmp_path: Path) -> None:
    prefix = pikepdf.String(b"\xfe\xff\xd8\x00")
    labels: dict[int, dict[str, object]] = {
        0: {"S": pikepdf.Name.r, "St": "x"},
        1: {"S": pikepdf.Name.D, "P": prefix},
    }
    path = write_labelled(tmp_path / "a.pdf", ["page"] * 2, labels)
    first, second = read_facts(path, 2, SETTINGS).page_labels
    assert first == "i" and second.endswith("1")


def test_a_damaged_pdf_says_nothing(tmp_path: Path) -> None:
    nothing = tmp_path / "b.pdf"
    nothing.write_bytes(b"%PDF-1.7 and no more")
    assert read_facts(write_truncated(tmp_path / "a.pdf"), 3, SETTINGS) == PdfFacts()
    assert read_facts(nothing, 3, SETTINGS) == PdfFacts()


def test_one_that_takes_too_long_is_left_unread(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_report(tmp_path / "a.pdf", 1)
    assert read_facts(path, 1, IngestSettings(page_timeout_s=0.01)) == PdfFacts()
    assert "cannot be read: python took longer than 0.01 s." in caplog.text


def test_what_the_information_dictionary_says(tmp_path: Path) -> None:
    told = {"Title": "  Tides\n of the\x00 bay ", "Author": "Ada", "CreationDate": "D:20310517093000Z"}
    path = write_titled(tmp_path / "a.pdf", ["page"], told)
    made = "2031-05-17T09:30:00.000000+00:00"
    info = read_facts(path, 1, SETTINGS).info
    assert (info.title, info.author, info.created_at) == ("Tides of the bay", "Ada", made)


def test_what_xmp_alone_says(tmp_path: Path) -> None:
    def move(pdf: pikepdf.Pdf) -> None:
        del pdf.trailer.Info
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp["dc:title"] = "Tides"
            xmp["dc:creator"] = ["Ada", "Bob"]
            xmp["xmp:ModifyDate"] = "2031-05-17T09:30:00+02:00"

    made = "2031-05-17T07:30:00.000000+00:00"
    assert facts_of(tmp_path / "a.pdf", move).info == PdfInfo("Tides", "Ada, Bob", None, made)


def test_metadata_that_is_none_does_no_harm(tmp_path: Path) -> None:
    def spoil(pdf: pikepdf.Pdf) -> None:
        pdf.trailer.Info = pikepdf.Array([1])
        pdf.Root.Metadata = pdf.make_stream(b"<not xml")
        pdf.Root.PageLabels = pikepdf.Dictionary(Nums=[0, pikepdf.Dictionary(S=pikepdf.Name.r)])

    assert facts_of(tmp_path / "a.pdf", spoil) == PdfFacts(("i", "ii", "iii"), PdfInfo())


def test_a_title_is_a_line_of_bounded_length(tmp_path: Path) -> None:
    info = read_facts(write_titled(tmp_path / "a.pdf", ["page"], {"Title": "x" * 5_000}), 1, SETTINGS).info
    assert info.title == "x" * 300

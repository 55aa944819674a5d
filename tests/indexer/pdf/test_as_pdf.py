"""Files become PDFs by what they are: images, locked PDFs, Office files where LibreOffice is there."""

import io
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from indexer.pdf.as_pdf import accepted, as_pdf
from indexer.pdf.inspect import count_pages, inspect
from indexer.pdf.kinds import Kind, kind_of
from indexer.pdf.prepare import prepare_pages
from tests.fixtures import pdfs
from vdr.errors import ConversionFailed, FileTooLarge, NotAccepted, PdfBroken, PdfEmpty, PdfEncrypted
from vdr.settings import IngestSettings

SETTINGS = IngestSettings(page_long_side=256)
SECRET = "correct horse"
ODF_TEXT = "application/vnd.oasis.opendocument.text"


def half_black(size=(120, 200), mode="RGB"):
    """White above, black below."""
    image = Image.new(mode, size, "white")
    ImageDraw.Draw(image).rectangle((0, size[1] // 2, *size), fill="black")
    return image


def saved(path, image, kind, **options):
    image.save(path, kind, **options)
    return path


def zipped(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def converted(path, tmp_path, settings=SETTINGS, password=None):
    folder = tmp_path / "made"
    folder.mkdir(exist_ok=True)
    return as_pdf(inspect(path, path.name, settings), settings, folder, password)


def shown(pdf, page_number=1):
    (page,) = prepare_pages(pdf, range(page_number, page_number + 1), SETTINGS).pages
    return page.image.convert("L")


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (lambda p: pdfs.write_report(p, 1), (Kind.PDF, "pdf")),
        (lambda p: saved(p, half_black(), "PNG"), (Kind.IMAGE, "png")),
        (lambda p: saved(p, half_black(), "JPEG"), (Kind.IMAGE, "jpg")),
        (lambda p: saved(p, half_black(), "WEBP"), (Kind.IMAGE, "webp")),
        (lambda p: saved(p, half_black(), "TIFF"), (Kind.IMAGE, "tif")),
        (lambda p: zipped(p, {"[Content_Types].xml": "", "word/document.xml": ""}), (Kind.OFFICE, "docx")),
        (lambda p: zipped(p, {"[Content_Types].xml": "", "ppt/a.xml": ""}), (Kind.OFFICE, "pptx")),
        (lambda p: zipped(p, {"[Content_Types].xml": "", "xl/a.xml": ""}), (Kind.OFFICE, "xlsx")),
        (lambda p: zipped(p, {"mimetype": ODF_TEXT}), (Kind.OFFICE, "odt")),
        (lambda p: p.write_bytes(b"{\\rtf1 hello}"), (Kind.OFFICE, "rtf")),
        (lambda p: p.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)), (Kind.OFFICE, "doc")),
        (lambda p: zipped(p, {"a.txt": "hello"}), None),
        (lambda p: zipped(p, {"mimetype": "application/epub+zip"}), None),
        (lambda p: p.write_bytes(b"PK\x03\x04 and no more"), None),
        (lambda p: p.write_bytes(b"<!doctype html><title>%PDF</title>"), None),
        (lambda p: p.write_bytes(b"\x00\x01"), None),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path, write, expected):
    path = tmp_path / "anything.pdf"
    write(path)
    assert kind_of(path) == expected


def test_a_pdf_stays_as_it_is(tmp_path):
    report = pdfs.write_report(tmp_path / "a.pdf", 2)
    assert converted(report, tmp_path) == report


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_an_image_becomes_a_page_of_its_shape(tmp_path, kind):
    pdf = converted(saved(tmp_path / "scan", half_black(), kind), tmp_path)
    assert count_pages(pdf, "scan", SETTINGS) == 1
    page = shown(pdf)
    assert page.size == pytest.approx((154, 256), abs=1)
    assert page.getpixel((70, 40)) > 200 and page.getpixel((70, 220)) < 50


def test_a_tiff_of_many_images_is_a_document_of_many_pages(tmp_path):
    first, *rest = [half_black((100 + 10 * n, 100), "1") for n in range(5)]
    path = saved(tmp_path / "fax.tif", first, "TIFF", save_all=True, append_images=rest)
    pdf = converted(path, tmp_path)
    assert count_pages(pdf, "fax.tif", SETTINGS) == 5
    assert shown(pdf, 5).size == pytest.approx((256, 183), abs=1)


def test_a_photograph_is_turned_as_its_camera_says(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    page = shown(converted(saved(tmp_path / "a.jpg", half_black(), "JPEG", exif=exif), tmp_path))
    assert page.getpixel((70, 40)) < 50 and page.getpixel((70, 220)) > 200


def test_what_is_transparent_is_white(tmp_path):
    page = shown(converted(saved(tmp_path / "a.png", Image.new("RGBA", (90, 90)), "PNG"), tmp_path))
    assert page.getextrema()[0] > 250


def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path):
    path = saved(tmp_path / "bomb.png", Image.new("1", (20_000, 20_000)), "PNG")
    with pytest.raises(FileTooLarge, match="200,000,000 pixels") as refused:
        converted(path, tmp_path)
    assert "VDR_MAX_IMAGE_PIXELS" in refused.value.remedy


def test_half_an_image_is_refused(tmp_path):
    buffer = io.BytesIO()
    Image.effect_noise((300, 300), 90).save(buffer, "PNG")
    path = tmp_path / "half.png"
    path.write_bytes(buffer.getvalue()[:5_000])
    with pytest.raises(ConversionFailed, match="truncated or corrupt"):
        converted(path, tmp_path)


def test_anything_else_is_refused_with_what_is_accepted(tmp_path, monkeypatch):
    monkeypatch.setattr("indexer.pdf.as_pdf.OFFICE_PROGRAM", "no-such-office")
    path = zipped(tmp_path / "report.pdf", {"[Content_Types].xml": "", "word/document.xml": ""})
    with pytest.raises(NotAccepted, match=r"is not a supported file type \(PDF, PNG, JPEG, WebP, TIFF"):
        converted(path, tmp_path)


def test_size_comes_first(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"")
    with pytest.raises(PdfEmpty):
        converted(path, tmp_path)
    path.write_bytes(bytes(2_000))
    with pytest.raises(FileTooLarge):
        converted(path, tmp_path, IngestSettings(max_file_bytes=1_000))


class TestPasswords:
    @pytest.fixture
    def locked(self, tmp_path):
        return pdfs.write_encrypted(tmp_path / "locked.pdf", user_password=SECRET)

    def test_the_right_one_opens(self, locked, tmp_path):
        pdf = converted(locked, tmp_path, password=SECRET)
        assert count_pages(pdf, "locked.pdf", SETTINGS) >= 1
        assert SECRET.encode() not in pdf.read_bytes()

    @pytest.mark.parametrize("password", ["wrong horse", "wrong\0horse"])
    def test_another_one_does_not_and_is_not_repeated(self, locked, tmp_path, caplog, password):
        with pytest.raises(PdfEncrypted, match="Wrong password") as refused:
            converted(locked, tmp_path, password=password)
        assert password not in str(refused.value) + caplog.text

    def test_it_is_not_to_be_seen_among_the_processes(self, locked, tmp_path, monkeypatch):
        seen, popen, start = [], subprocess.Popen, "indexer.pdf.cage.subprocess.Popen"

        def noted(command, **options):
            seen.append(command)
            return popen(command, **options)

        monkeypatch.setattr(start, noted)
        converted(locked, tmp_path, password=SECRET)
        assert seen and SECRET not in str(seen)

    def test_one_that_is_not_needed_does_no_harm(self, tmp_path):
        report = pdfs.write_report(tmp_path / "a.pdf", 2)
        assert count_pages(converted(report, tmp_path, password="any"), "a.pdf", SETTINGS) == 2

    def test_a_broken_file_is_broken_with_it_too(self, tmp_path):
        path = tmp_path / "a.pdf"
        path.write_bytes(b"%PDF-1.7\nnothing")
        with pytest.raises(PdfBroken):
            converted(path, tmp_path, password="any")


class TestOffice:
    """LibreOffice is large, so a stand-in takes its place."""

    @pytest.fixture
    def letter(self, tmp_path):
        return zipped(tmp_path / "letter", {"[Content_Types].xml": "", "word/document.xml": ""})

    @pytest.fixture
    def office(self, tmp_path, monkeypatch):
        def install(script):
            folder = tmp_path / "bin"
            folder.mkdir()
            program = folder / "soffice"
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            monkeypatch.setenv("PATH", f"{folder}:{Path('/usr/bin')}:/bin")

        return install

    def test_what_it_makes_is_the_document(self, office, letter, tmp_path):
        made = pdfs.write_report(tmp_path / "made.pdf", 3)
        office(f'for last; do :; done; test -f "$last" && cp {made} "${{last%.*}}.pdf"')
        assert "Word" in accepted()
        assert count_pages(converted(letter, tmp_path), "letter", SETTINGS) == 3

    def test_it_works_in_a_folder_and_with_a_profile_of_its_own(self, office, letter, tmp_path):
        note = tmp_path / "note"
        office(f'echo "$1 $HOME" > {note}')
        with pytest.raises(ConversionFailed, match="could not convert"):
            converted(letter, tmp_path)
        profile, home = note.read_text().split()
        assert profile == f"-env:UserInstallation=file://{home}/profile"
        assert not Path(home).exists()

    def test_it_is_ended_when_it_takes_too_long(self, office, letter, tmp_path):
        office("sleep 60")
        with pytest.raises(ConversionFailed, match=r"longer than 0\.5 s"):
            converted(letter, tmp_path, IngestSettings(convert_timeout_s=0.5))

    def test_it_may_take_the_processor_as_long_as_a_conversion_may_take(self, office, letter, tmp_path):
        note = tmp_path / "note"
        office(f"ulimit -t > {note}")
        with pytest.raises(ConversionFailed, match="could not convert"):
            converted(letter, tmp_path, IngestSettings(convert_timeout_s=77, page_timeout_s=5))
        assert note.read_text() == "77\n"


def test_a_password_that_is_no_text_is_a_wrong_one(tmp_path):
    path = tmp_path / "locked.pdf"
    pdfs.write_encrypted(path, user_password=SECRET)
    with pytest.raises(PdfEncrypted, match="Wrong password"):
        converted(path, tmp_path, password="half a character: \udce4")

"""The object store keeps what it is given, whole or not at all, and forgets it on request, wherever it is."""

from dataclasses import replace
from hashlib import sha256

import obstore
import pytest

from vdr.errors import BadSetting, NotFound, ObjectDamaged
from vdr.objects.checksums import sealed
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import Box, PageRef, PageTexts, PageWords, Word

DOCUMENT = "ab" * 32
PAGE = PageRef(DOCUMENT, 1)
OTHER = "cd" * 32
WORDS = PageWords(
    text_layer=(Word("Öl “3.5%”", Box(0.1, 0.2, 0.3, 0.4)),),
    read=(Word("oil", Box(0.0, 0.0, 1.0, 1.0), 0.25),),
)
# More than one part of an upload (5 MiB) and one request of a download (8 MiB).
LARGE = b"%PDF-" + bytes(range(256)) * 40_000


@pytest.fixture
def pdf(tmp_path):
    path = tmp_path / "source.pdf"
    path.write_bytes(LARGE)
    return path


class TestWhatIsKept:
    def test_a_pdf_comes_back_as_it_was_put(self, objects, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == LARGE

    def test_an_empty_file_comes_back_empty(self, objects, pdf):
        pdf.write_bytes(b"")
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == b""

    def test_another_pdf_takes_the_place_of_the_first_but_not_under_a_reader(self, objects, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            pdf.write_bytes(b"%PDF-converted")
            objects.put_pdf(DOCUMENT, pdf)
            assert path.read_bytes() == LARGE
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == b"%PDF-converted"

    def test_page_image_and_words_come_back(self, objects):
        objects.put_page_image(PageRef(DOCUMENT, 7), b"webp")
        objects.put_page_words(PageRef(DOCUMENT, 7), WORDS)
        assert objects.page_image(PageRef(DOCUMENT, 7)) == b"webp"
        assert objects.page_words(PageRef(DOCUMENT, 7)) == WORDS

    def test_words_are_the_same_objects_until_they_are_written_again(self, objects):
        objects.put_page_words(PAGE, WORDS)
        text_layer, pixels = objects.page_print(PAGE)
        assert objects.page_print(PAGE)[0] is text_layer
        assert objects.page_print(PAGE)[1]()[1] is pixels()[1]
        objects.put_page_words(PAGE, replace(WORDS, text_layer=WORDS.read))
        assert objects.page_print(PAGE)[0].texts == ("oil",)
        objects.delete_document(DOCUMENT)
        with pytest.raises(NotFound):
            objects.page_print(PAGE)

    def test_texts_come_back_without_their_boxes(self, objects):
        objects.put_page_words(PAGE, WORDS)
        assert objects.page_texts(PAGE) == PageTexts(("Öl “3.5%”",), ("oil",))

    def test_print_comes_back_with_boxes_in_rows(self, objects):
        objects.put_page_words(PAGE, WORDS)
        text_layer, pixels = objects.page_print(PAGE)
        ocr, read = pixels()
        assert [text_layer.texts, ocr.texts, read.texts] == [("Öl “3.5%”",), (), ("oil",)]
        box = WORDS.text_layer[0].box
        assert text_layer.boxes.tolist()[0] == pytest.approx([box.x0, box.y0, box.x1, box.y1], abs=1e-5)
        assert not ocr.has_boxes

    def test_print_has_no_words_that_are_but_a_guess(self, objects):
        for_sure, guessed = (
            Word(text, Box(0, 0, 1, 1), chance) for text, chance in (("oil", 0.2), ("~l", 0.19))
        )
        objects.put_page_words(PAGE, PageWords(read=(guessed, for_sure), ocr=(guessed,)))
        assert [each.texts for each in objects.page_print(PAGE)[1]()] == [(), ("oil",)]
        assert objects.page_texts(PAGE) == PageTexts((), ("~l", "oil"), ("~l",))

    def test_print_is_that_of_the_words_put_last(self, objects):
        for text in ("before", "after"):
            objects.put_page_words(PAGE, PageWords(text_layer=(Word(text, Box(0, 0, 1, 1)),)))
            assert objects.page_print(PAGE)[0].texts == (text,)

    def test_putting_again_replaces(self, objects):
        objects.put_page_image(PAGE, b"old")
        objects.put_page_image(PAGE, b"new")
        assert objects.page_image(PAGE) == b"new"

    def test_boxes_are_kept_to_a_hundred_thousandth(self, objects):
        objects.put_page_words(PAGE, PageWords(text_layer=(Word("w", Box(1 / 3, 0, 2 / 3, 1)),)))
        assert objects.page_words(PAGE).text_layer[0].box == Box(0.33333, 0, 0.66667, 1)

    def test_a_store_opened_again_has_it_all(self, objects, settings, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        with ObjectStore.open(settings, settings.collection, "g1").pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == LARGE

    @pytest.mark.parametrize("document_id", [DOCUMENT, "..", "../../etc", "", "AB" * 32, DOCUMENT + "/x"])
    def test_what_is_not_there_is_not_found(self, objects, document_id):
        for read in (objects.page_image, objects.page_words, objects.page_texts):
            with pytest.raises(NotFound):
                read(PageRef(document_id, 1))
        with pytest.raises(NotFound), objects.pdf_file(document_id):
            pass

    def test_generations_read_their_own_words(self, objects, settings):
        words = PageWords(text_layer=(Word("text", Box(0, 0, 1, 1)),), read=(Word("one", Box(0, 0, 1, 1)),))
        objects.put_page(PAGE, b"webp", words)
        other = ObjectStore.open(settings, settings.collection, "g2")
        assert other.pages(DOCUMENT) == set()
        other.put_page_words(PAGE, replace(words, read=(Word("two", Box(0, 0, 1, 1)),)))
        assert objects.page_words(PAGE) == words
        assert objects.page_texts(PAGE) == PageTexts(("text",), ("one",))
        assert other.page_texts(PAGE) == PageTexts(("text",), ("two",))
        assert objects.pages(DOCUMENT) == other.pages(DOCUMENT) == {1}

    def test_words_of_the_version_before_are_read_from_where_it_kept_them(self, settings, place):
        old = b'{"text_layer":[["text",0,0,1,1,1]],"read":[["one",0,0,1,1,0.5]]}'
        obstore.put(place, f"{DOCUMENT}/pages/1.json", sealed(old))
        obstore.put(place, f"{DOCUMENT}/pages/1.webp", sealed(b"webp"))
        objects = ObjectStore.open(settings, settings.collection, "0123456789ab-64")
        assert objects.page_texts(PAGE) == PageTexts(("text",), ("one",))
        assert objects.page_words(PAGE).read[0].confidence == 0.5
        assert [each.texts for each in objects.page_print(PAGE)[1]()] == [(), ("one",)]
        assert objects.pages(DOCUMENT) == {1}
        words = objects.page_words(PAGE)
        objects.put_page_words(PAGE, replace(words, ocr=words.read))
        assert objects.page_texts(PAGE) == PageTexts(("text",), ("one",), ("one",))

    def test_deleting_all_leaves_other_collections(self, objects, settings):
        other = ObjectStore.open(settings, "other", "g1")
        for store in (objects, other):
            store.put_page(PAGE, b"webp", PageWords())
        for _ in range(2):
            objects.delete_all()
            assert list(objects.document_ids()) == []
            assert other.page_image(PAGE) == b"webp"

    def test_collections_do_not_see_each_other(self, objects, settings):
        objects.put_page_image(PAGE, b"webp")
        other = ObjectStore.open(settings, "other", "g1")
        assert list(other.document_ids()) == []
        with pytest.raises(NotFound):
            other.page_image(PAGE)


class TestDeleting:
    def test_deleting_leaves_other_documents_and_can_be_repeated(self, objects, pdf):
        for document in (DOCUMENT, OTHER):
            objects.put_pdf(document, pdf)
            objects.put_page_image(PageRef(document, 1), b"webp")
        objects.delete_document(DOCUMENT)
        objects.delete_document(DOCUMENT)
        with pytest.raises(NotFound):
            objects.page_image(PAGE)
        assert objects.page_image(PageRef(OTHER, 1)) == b"webp"
        assert list(objects.document_ids()) == [OTHER]

    def test_deleting_only_what_is_below_a_document(self, objects):
        objects.put_page_image(PageRef(OTHER, 1), b"webp")
        with pytest.raises(NotFound):
            objects.delete_document("")
        assert objects.page_image(PageRef(OTHER, 1)) == b"webp"


class TestListing:
    def test_documents_are_those_of_which_anything_is_there(self, objects, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        objects.put_page_image(PageRef(OTHER, 1), b"webp")
        assert set(objects.document_ids()) == {DOCUMENT, OTHER}

    def test_what_is_no_document_is_not_listed(self, objects, place):
        objects.put_page_image(PAGE, b"webp")
        obstore.put(place, "lost+found/1.webp", b"webp")
        assert list(objects.document_ids()) == [DOCUMENT]

    def test_pages_are_those_with_both_image_and_words(self, objects, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        for page_number in (1, 2, 10):
            objects.put_page_image(PageRef(DOCUMENT, page_number), b"webp")
        for page_number in (2, 10, 11):
            objects.put_page_words(PageRef(DOCUMENT, page_number), WORDS)
        assert objects.pages(DOCUMENT) == {2, 10}

    def test_a_document_without_pages_has_none(self, objects):
        assert objects.pages(DOCUMENT) == set()


def flipped(stored: bytes) -> bytes:
    middle = len(stored) // 2
    return stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :]


SPOILED = {
    "a bit flipped": flipped,
    "cut short": lambda s: s[:-1],
    "empty": lambda _: b"",
    "longer": lambda s: s + b"x",
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED.keys())
class TestDamage:
    def test_of_a_pdf(self, objects, damage, pdf, spoil):
        objects.put_pdf(DOCUMENT, pdf)
        damage(".pdf", spoil)
        with pytest.raises(ObjectDamaged, match=r"\.pdf"), objects.pdf_file(DOCUMENT):
            pass

    def test_of_a_page_image(self, objects, damage, spoil):
        objects.put_page_image(PageRef(DOCUMENT, 7), b"webp" * 100)
        damage("7.webp", spoil)
        with pytest.raises(ObjectDamaged, match=r"pages/7\.webp"):
            objects.page_image(PageRef(DOCUMENT, 7))

    def test_of_page_words(self, objects, damage, spoil):
        objects.put_page_words(PageRef(DOCUMENT, 7), WORDS)
        damage("pages/7.json", spoil)
        for read in (objects.page_words, objects.page_texts):
            with pytest.raises(ObjectDamaged, match=r"pages/7\.json"):
                read(PageRef(DOCUMENT, 7))

    def test_is_gone_when_the_object_is_put_again(self, objects, damage, pdf, spoil):
        objects.put_pdf(DOCUMENT, pdf)
        damage(".pdf", spoil)
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == LARGE


@pytest.mark.parametrize("line", [b"", b"nonsense", b"\xff" * 80])
def test_a_damaged_checksum_of_a_pdf_is_damage(objects, damage, pdf, line):
    objects.put_pdf(DOCUMENT, pdf)
    damage("document.sha256", lambda _: line)
    with pytest.raises(ObjectDamaged, match=r"document\.sha256"), objects.pdf_file(DOCUMENT):
        pass


def test_the_checksum_of_a_pdf_is_written_as_sha256sum_reads_it(objects, damage, pdf):
    objects.put_pdf(DOCUMENT, pdf)
    lines = []
    damage("document.sha256", lambda line: lines.append(line) or line)
    checksum = sha256(LARGE).hexdigest()
    assert lines == [f"{checksum}  {checksum}.pdf\n".encode()]


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "/a/folder",
        "ftp://host/folder",
        "memory://",
        "https://example.com/objects",
        "s3://",
        "s3://bucket/prefix?region=x",
        "s3://bucket#part",
        "file://host/folder",
    ],
)
def test_a_url_that_is_no_place_is_refused(tmp_path, url):
    with pytest.raises(BadSetting, match="VDR_OBJECTS_URL"):
        ObjectStore.open(IndexSettings(data_dir=tmp_path, objects_url=url), "default", "g1")


def test_a_small_page_image_belongs_to_the_image_it_was_made_of(objects):
    objects.put_page(PAGE, b"webp", WORDS)
    objects.put_small_page_image(PAGE, b"webp", 256, b"small")
    assert objects.small_page_image(PAGE, b"webp", 256) == b"small"
    for image, width in ((b"other", 256), (b"webp", 512)):
        with pytest.raises(NotFound):
            objects.small_page_image(PAGE, image, width)
    assert objects.pages(DOCUMENT) == {1}
    objects.delete_pages(DOCUMENT)
    with pytest.raises(NotFound):
        objects.small_page_image(PAGE, b"webp", 256)

"""The object store keeps what it is given, whole or not at all, and forgets it on request."""

import pytest

from vdr.errors import NotFound
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import Box, PageTexts, PageWords, Word

DOCUMENT = "ab" * 32
OTHER = "cd" * 32
WORDS = PageWords(
    text_layer=(Word("Öl “3.5%”", Box(0.1, 0.2, 0.3, 0.4)),),
    read=(Word("oil", Box(0.0, 0.0, 1.0, 1.0), 0.25),),
)


@pytest.fixture
def objects(tmp_path):
    return ObjectStore.open(IndexSettings(data_dir=tmp_path, collection="tenant"))


def test_a_pdf_comes_back_as_it_was_put(objects, tmp_path):
    source = tmp_path / "source.pdf"
    source.write_bytes(b"%PDF-" + bytes(range(256)) * 10_000)
    objects.put_pdf(DOCUMENT, source)
    with objects.pdf_file(DOCUMENT) as path:
        assert path.read_bytes() == source.read_bytes()


def test_page_image_and_words_come_back(objects):
    objects.put_page_image(DOCUMENT, 7, b"webp")
    objects.put_page_words(DOCUMENT, 7, WORDS)
    assert objects.page_image(DOCUMENT, 7) == b"webp"
    assert objects.page_words(DOCUMENT, 7) == WORDS


def test_putting_again_replaces(objects):
    objects.put_page_image(DOCUMENT, 1, b"old")
    objects.put_page_image(DOCUMENT, 1, b"new")
    assert objects.page_image(DOCUMENT, 1) == b"new"


def test_boxes_are_kept_to_a_hundred_thousandth(objects):
    objects.put_page_words(DOCUMENT, 1, PageWords(text_layer=(Word("w", Box(1 / 3, 0, 2 / 3, 1)),)))
    assert objects.page_words(DOCUMENT, 1).text_layer[0].box == Box(0.33333, 0, 0.66667, 1)


@pytest.mark.parametrize("document_id", [DOCUMENT, "..", "../../etc", "", "AB" * 32, DOCUMENT + "/x"])
def test_what_is_not_there_is_not_found(objects, document_id):
    with pytest.raises(NotFound):
        objects.page_image(document_id, 1)
    with pytest.raises(NotFound):
        objects.page_words(document_id, 1)
    with pytest.raises(NotFound), objects.pdf_file(document_id):
        pass


def test_deleting_leaves_other_documents_and_can_be_repeated(objects, tmp_path):
    for document in (DOCUMENT, OTHER):
        objects.put_page_image(document, 1, b"webp")
    objects.delete_document(DOCUMENT)
    objects.delete_document(DOCUMENT)
    with pytest.raises(NotFound):
        objects.page_image(DOCUMENT, 1)
    assert objects.page_image(OTHER, 1) == b"webp"


def test_deleting_takes_half_written_objects_along(objects, tmp_path):
    objects.put_page_image(DOCUMENT, 1, b"webp")
    folder = tmp_path / "objects" / "tenant" / DOCUMENT
    (folder / "pages" / "2.webp#1").write_bytes(b"half")
    objects.delete_document(DOCUMENT)
    assert not folder.exists()


def test_collections_do_not_see_each_other(objects, tmp_path):
    objects.put_page_image(DOCUMENT, 1, b"webp")
    other = ObjectStore.open(IndexSettings(data_dir=tmp_path, collection="other"))
    with pytest.raises(NotFound):
        other.page_image(DOCUMENT, 1)


def test_texts_come_back_without_their_boxes(objects):
    objects.put_page_words(DOCUMENT, 1, WORDS)
    assert objects.page_texts(DOCUMENT, 1) == PageTexts(("Öl “3.5%”",), ("oil",))
    with pytest.raises(NotFound):
        objects.page_texts(DOCUMENT, 2)

"""Objects in a bucket: copies are private and short-lived, addresses signed, and a store may be away."""

import errno
import io
import os
import stat
import tempfile
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import obstore
import pytest
from PIL import Image

from tests.fixtures.s3 import s3_environment, s3_server
from tests.fixtures.serving_http import serving_http
from vdr.errors import NotFound, ObjectsUnavailable, StorageFull
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import PageRef, PageWords

DOCUMENT = "ab" * 32
PAGE = PageRef(DOCUMENT, 1)


def open_store(url: str) -> ObjectStore:
    return ObjectStore.open(IndexSettings(objects_url=url), "tenant", "g1")


@pytest.fixture
def objects(s3):
    return open_store(s3)


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The temporary folder of this test."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def pdf(tmp_path):
    path = tmp_path / "source.pdf"
    path.write_bytes(b"%PDF-" + bytes(range(256)) * 30_000)
    return path


class TestCopyOfAPdf:
    def test_is_private(self, objects, temporary, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.is_relative_to(temporary)
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700

    def test_is_gone_after_the_block_whatever_happens_in_it(self, objects, temporary, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        with pytest.raises(OSError, match="of the caller"), objects.pdf_file(DOCUMENT):
            raise OSError("an error of the caller")
        assert list(temporary.iterdir()) == []

    def test_leaves_nothing_when_there_is_nothing(self, objects, temporary, pdf):
        with pytest.raises(NotFound), objects.pdf_file(DOCUMENT):
            pass
        assert list(temporary.iterdir()) == []

    def test_that_does_not_fit_is_a_full_disk(self, objects, temporary, pdf, monkeypatch):
        objects.put_pdf(DOCUMENT, pdf)

        def full(*_args: object, **_options: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(StorageFull), objects.pdf_file(DOCUMENT):
            pass
        assert list(temporary.iterdir()) == []

    def test_has_nowhere_to_go(self, objects, temporary, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        temporary.rmdir()
        with pytest.raises(ObjectsUnavailable, match="temporary"), objects.pdf_file(DOCUMENT):
            pass

    def test_is_brought_in_pieces_however_large(self, objects, pdf, monkeypatch):
        objects.put_pdf(DOCUMENT, pdf)
        sizes, get_range = [], obstore.get_range

        def noted(*args, **options):
            piece = get_range(*args, **options)
            sizes.append(len(piece))
            return piece

        monkeypatch.setattr(obstore, "get_range", noted)
        monkeypatch.setattr("vdr.objects.bucket._DOWNLOAD_BYTES", 1_000_000)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == pdf.read_bytes()
        assert sizes == [1_000_000] * 7 + [680_005]


class TestAddressOfAPageImage:
    def test_shows_the_image_to_anybody_as_what_it_is(self, objects):
        encoded = io.BytesIO()
        Image.new("RGB", (40, 30), "teal").save(encoded, "WEBP")
        objects.put_page_image(PAGE, encoded.getvalue())
        url = objects.page_image_url(PAGE, timedelta(minutes=5))
        answer = httpx.get(url, trust_env=False)
        assert answer.headers["content-type"] == "image/webp"
        image = Image.open(io.BytesIO(answer.content))
        image.load()
        assert (image.format, image.size) == ("WEBP", (40, 30))

    def test_is_signed_and_expires(self, objects):
        url = httpx.URL(objects.page_image_url(PAGE, timedelta(minutes=5)))
        assert url.params["X-Amz-Expires"] == "300"
        assert url.params["X-Amz-Signature"]
        assert "secret" not in str(url)


def test_more_objects_than_one_listing_holds(objects):
    # S3 lists and deletes a thousand at once.
    for page_number in range(1, 521):
        objects.put_page_image(PageRef(DOCUMENT, page_number), b"webp")
        objects.put_page_words(PageRef(DOCUMENT, page_number), PageWords())
    assert objects.pages(DOCUMENT) == set(range(1, 521))
    objects.delete_document(DOCUMENT)
    assert list(objects.document_ids()) == []


def test_deleting_what_somebody_else_deletes(objects, monkeypatch):
    objects.put_page_image(PAGE, b"webp")
    delete = obstore.delete

    def raced(*args):
        monkeypatch.setattr(obstore, "delete", delete)
        delete(*args)
        raise FileNotFoundError  # as Google's and Azure's stores say of what is gone

    monkeypatch.setattr(obstore, "delete", raced)
    objects.delete_document(DOCUMENT)
    assert list(objects.document_ids()) == []


class _Busy(BaseHTTPRequestHandler):
    """Answers every request with 503 Slow Down."""

    def _answer(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815 (http.server's names)


@pytest.fixture
def busy():
    with serving_http(_Busy) as address:
        yield address


@pytest.fixture
def away():
    with s3_server() as address:
        pass
    return address


class TestAStoreThatIsAway:
    @pytest.fixture(params=["away", "busy"])
    def lost(self, request, monkeypatch) -> ObjectStore:
        """A store that was there when it was opened."""
        address = request.getfixturevalue(request.param)
        for name, value in s3_environment(address).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(obstore, "list", lambda *_args, **_options: iter(()))
        store = open_store("s3://bucket/prefix")
        monkeypatch.undo()
        return store

    @pytest.mark.parametrize(
        "use",
        [
            lambda store, pdf: store.put_pdf(DOCUMENT, pdf),
            lambda store, _: store.put_page_image(PAGE, b"webp"),
            lambda store, _: store.put_page_words(PAGE, PageWords()),
            lambda store, _: store.page_image(PAGE),
            lambda store, _: store.page_texts(PAGE),
            lambda store, _: store.pdf_file(DOCUMENT).__enter__(),
            lambda store, _: list(store.document_ids()),
            lambda store, _: store.pages(DOCUMENT),
            lambda store, _: store.delete_document(DOCUMENT),
        ],
    )
    def test_says_so_and_may_be_asked_again(self, lost, pdf, use):
        with pytest.raises(ObjectsUnavailable) as raised:
            use(lost, pdf)
        assert raised.value.status == 503

    @pytest.mark.parametrize("where", ["away", "busy"])
    def test_is_noticed_when_it_is_opened(self, request, where, monkeypatch):
        for name, value in s3_environment(request.getfixturevalue(where)).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(ObjectsUnavailable):
            open_store("s3://bucket/prefix")


class TestABucketThatIsNotThere:
    def test_is_noticed_when_it_is_opened(self, s3):
        with pytest.raises(ObjectsUnavailable, match="404 Not Found"):
            open_store("s3://no-such-bucket/prefix")

    def test_takes_nothing(self, s3, monkeypatch):
        monkeypatch.setattr(obstore, "list", lambda *_args, **_options: iter(()))
        store = open_store("s3://no-such-bucket/prefix")
        with pytest.raises(ObjectsUnavailable, match="bucket does not exist"):
            store.put_page_image(PAGE, b"webp")


def test_a_message_never_holds_a_signature(s3, monkeypatch):
    monkeypatch.setattr(obstore, "get", _refused)
    with pytest.raises(ObjectsUnavailable, match="403 Forbidden") as raised:
        open_store(s3).page_image(PAGE)
    assert "signature" not in str(raised.value)


def _refused(*_args: object) -> None:
    raise obstore.exceptions.PermissionDeniedError(
        "GET https://host/key?sig=signature in 1ms - 403 Forbidden\nDebug"
    )

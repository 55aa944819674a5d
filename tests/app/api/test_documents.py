"""Documents over HTTP: in, looked at, out; and what is said when that cannot be."""

import errno
import json
import os
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient
from pikepdf import Name
from PIL import Image

from app.multipart import MAX_FILES
from app.service import create_app
from tests.app.conftest import MAX_FILE_BYTES
from tests.app.talking import UNKNOWN_ID, Service, assert_problem, files
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import (
    write_encrypted,
    write_labelled,
    write_pdf,
    write_report,
    write_truncated,
    write_with_missing_page,
    write_without_pages,
)
from tests.fixtures.s3 import BUCKET, s3_environment, s3_server
from vdr.settings import Settings

Start = Callable[..., Service]


class TestUpload:
    def test_a_pdf_is_taken_and_can_be_followed(self, service: Service, tmp_path: Path) -> None:
        response = service.upload(write_report(tmp_path / "report.pdf", 3))
        assert response.status_code == 202
        [upload] = response.json()["uploads"]
        document = upload["document"]
        assert upload["is_new"]
        assert response.headers["location"] == upload["status_url"] == document["url"]
        assert (document["name"], document["page_count"]) == ("report.pdf", 3)

        settled = service.settled(document["document_id"])
        assert (settled["state"], settled["pages_done"], settled["page_errors"]) == ("indexed", 3, [])

    def test_several_files_are_taken_at_once(self, service: Service, tmp_path: Path) -> None:
        paths = [write_report(tmp_path / f"{topic}.pdf", 1, topic=topic) for topic in ("a", "b", "c")]
        response = service.upload(*paths)
        names = [upload["document"]["name"] for upload in response.json()["uploads"]]
        assert names == ["a.pdf", "b.pdf", "c.pdf"]
        assert "location" not in response.headers

    def test_same_bytes_twice_is_one_document(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "report.pdf", 1)
        service.upload(path)
        [again] = service.upload(path.rename(tmp_path / "copy.pdf")).json()["uploads"]
        assert not again["is_new"]
        assert (again["document"]["name"], again["document"]["other_names"]) == ("copy.pdf", ["report.pdf"])
        assert len(service.ids()) == 1

    def test_same_bytes_twice_at_once_is_one_document(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "report.pdf", 1)
        with ThreadPoolExecutor(4) as threads:
            responses = list(threads.map(service.upload, [path] * 4))
        news = [response.json()["uploads"][0]["is_new"] for response in responses]
        assert sorted(news) == [False, False, False, True]
        assert len(service.ids()) == 1

    def test_uploads_are_taken_while_another_document_is_indexed(self, start: Start, tmp_path: Path) -> None:
        entered, gate = Event(), Event()

        def hold(_: object) -> None:
            entered.set()
            gate.wait()

        service = start(TinyEmbedder(on_batch=hold))
        first = service.upload(write_report(tmp_path / "first.pdf", 1)).json()["uploads"][0]["document"]
        entered.wait()
        second = service.upload(write_report(tmp_path / "second.pdf", 1, topic="b"))
        assert second.status_code == 202
        assert second.json()["uploads"][0]["document"]["state"] == "queued"
        gate.set()
        assert service.settled(first["document_id"])["state"] == "indexed"

    @pytest.mark.parametrize(
        ("sent", "kept"),
        [
            ("Zürich 2024.pdf", "Zürich 2024.pdf"),
            ("報告.pdf", "報告.pdf"),
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\\\files\\\\report.pdf", "report.pdf"),
        ],
    )
    def test_names_are_kept_but_paths_are_not(
        self, service: Service, tmp_path: Path, sent: str, kept: str
    ) -> None:
        content = write_report(tmp_path / "report.pdf", 1).read_bytes()
        [upload] = service.client.post("/v1/documents", files={"files": (sent, content)}).json()["uploads"]
        assert upload["name"] == upload["document"]["name"] == kept

    def test_a_name_in_an_old_encoding_does_no_harm(self, service: Service, tmp_path: Path) -> None:
        content = write_report(tmp_path / "report.pdf", 1).read_bytes()
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="Z\xfcrich.pdf"\r\n\r\n'
        response = service.client.post(
            "/v1/documents",
            content=head + content + b"\r\n--x--\r\n",
            headers={"Content-Type": "multipart/form-data; boundary=x"},
        )
        assert response.json()["uploads"][0]["name"] == "Zürich.pdf"

    def test_nothing_of_an_upload_is_left_in_its_folder(
        self, service: Service, settings: Settings, tmp_path: Path
    ) -> None:
        bad = tmp_path / "bad.pdf"
        bad.write_bytes(b"no pdf")
        service.upload(write_report(tmp_path / "report.pdf", 1), bad)
        [folder] = settings.index.data_dir.glob("uploads-*")
        assert list(folder.iterdir()) == []


class TestFullDisk:
    """To a process that may not write longer files (ulimit -f) the disk is full."""

    @pytest.fixture
    def full(self) -> Iterator[None]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
        yield
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    # The shorter one is written only when its file is closed.
    @pytest.mark.parametrize("size_bytes", [6_000, 50_000])
    @pytest.mark.parametrize(
        ("address", "field"), [("/v1/documents", "files"), ("/v1/search/image", "image")]
    )
    def test_an_upload_is_refused_and_leaves_nothing(
        self,
        filled: Service,
        full: None,
        size_bytes: int,
        address: str,
        field: str,
    ) -> None:
        sent = {field: ("report.pdf", b"%PDF" + b"x" * size_bytes)}
        assert_problem(filled.client.post(address, files=sent), 507, "storage_full")
        assert list(filled.client.app_state["services"].uploads.iterdir()) == []

    def test_a_temporary_folder_that_is_full_is_no_riddle_either(
        self, filled: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("indexer.library.TemporaryDirectory", refuse)
        assert_problem(filled.upload(write_report(tmp_path / "new.pdf", 1)), 507, "storage_full")


class TestRefusals:
    def test_a_file_that_is_no_pdf(self, service: Service, tmp_path: Path) -> None:
        path = tmp_path / "picture.pdf"
        path.write_bytes(b"\x89PNG")
        problem = assert_problem(service.upload(path), 415, "not_accepted")
        assert "picture.pdf" in problem["detail"]

    def test_a_file_over_the_size_limit(self, service: Service, tmp_path: Path) -> None:
        path = tmp_path / "large.pdf"
        path.write_bytes(b"%PDF-1.4" + b" " * MAX_FILE_BYTES)
        problem = assert_problem(service.upload(path), 413, "file_too_large")
        assert f"{MAX_FILE_BYTES:,}" in problem["detail"]

    @pytest.mark.parametrize(
        ("write", "status", "code"),
        [
            (lambda path: write_encrypted(path, user_password="open sesame"), 422, "pdf_encrypted"),
            (lambda path: write_report(path, 21), 413, "too_many_pages"),
            (write_truncated, 422, "pdf_broken"),
            (write_without_pages, 422, "pdf_empty"),
        ],
    )
    def test_a_pdf_that_cannot_be_taken(
        self, service: Service, tmp_path: Path, write: Callable[[Path], Path], status: int, code: str
    ) -> None:
        assert_problem(service.upload(write(tmp_path / "odd.pdf")), status, code)
        assert service.ids() == []

    def test_a_bad_file_does_not_keep_the_good_ones_out(self, service: Service, tmp_path: Path) -> None:
        large = tmp_path / "large.pdf"
        large.write_bytes(b"%PDF-1.4" + b" " * MAX_FILE_BYTES)
        good = write_report(tmp_path / "good.pdf", 1)
        locked = write_encrypted(tmp_path / "locked.pdf", user_password="x")
        response = service.upload(large, good, locked)
        assert response.status_code == 202
        outcomes = [upload["problem"] and upload["problem"]["code"] for upload in response.json()["uploads"]]
        assert outcomes == ["file_too_large", None, "pdf_encrypted"]
        assert len(service.ids()) == 1

    def test_if_all_are_bad_the_first_one_is_the_answer(self, service: Service, tmp_path: Path) -> None:
        text, locked = tmp_path / "text.pdf", write_encrypted(tmp_path / "locked.pdf", user_password="x")
        text.write_bytes(b"text")
        assert_problem(service.upload(text, locked), 415, "not_accepted")

    def test_no_file_at_all(self, service: Service) -> None:
        empty_input = {"files": ("", b"")}
        fields_alone = service.client.post("/v1/documents", data={"a": "b"}, files=empty_input)
        assert_problem(fields_alone, 422, "bad_input")

    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b"no boundary"),
            ("multipart/form-data; boundary=x", b"no such thing"),
            (
                "multipart/form-data; boundary=x",
                b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\ncut',
            ),
            ("multipart/form-data; boundary=x", b"--x\r\nA: " + b"b" * 20_000),
        ],
    )
    def test_a_body_that_is_not_multipart(self, service: Service, kind: str, body: bytes) -> None:
        response = service.client.post("/v1/documents", content=body, headers={"Content-Type": kind})
        assert_problem(response, 422, "bad_input")

    def test_too_many_files_at_once(self, service: Service, tmp_path: Path) -> None:
        path = tmp_path / "tiny.pdf"
        path.write_bytes(b"tiny")
        problem = assert_problem(service.upload(*[path] * (MAX_FILES + 1)), 422, "bad_input")
        assert str(MAX_FILES) in problem["detail"]

    def test_a_page_that_cannot_be_shown_is_passed_over(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_with_missing_page(tmp_path / "gap.pdf"))
        [error] = service.client.get(f"/v1/documents/{document_id}").json()["page_errors"]
        assert error["message"]
        number = error["page_number"]
        image = service.client.get(f"/v1/documents/{document_id}/pages/{number}/image")
        assert_problem(image, 404, "not_found")


class TestList:
    def test_documents_come_newest_first_and_in_pages(self, service: Service, tmp_path: Path) -> None:
        for name in ("a", "b", "c"):
            service.upload(write_report(tmp_path / f"{name}.pdf", 1, topic=name))
        first = service.client.get("/v1/documents", params={"limit": 2}).json()
        assert [each["name"] for each in first["documents"]] == ["c.pdf", "b.pdf"]
        rest = service.client.get("/v1/documents", params={"limit": 2, "after": first["next_after"]}).json()
        assert [each["name"] for each in rest["documents"]] == ["a.pdf"]
        assert rest["next_after"] is None

    def test_an_empty_library_has_no_documents(self, service: Service) -> None:
        assert service.client.get("/v1/documents").json() == {"documents": [], "total": 0, "next_after": None}

    @pytest.mark.parametrize("limit", [0, 201, "many"])
    def test_a_bad_limit_is_named(self, filled: Service, limit: object) -> None:
        problem = assert_problem(filled.client.get(f"/v1/documents?limit={limit}"), 422, "bad_input")
        assert problem["errors"][0]["field"] == "limit"

    def test_an_unknown_cursor(self, filled: Service) -> None:
        assert_problem(filled.client.get(f"/v1/documents?after={UNKNOWN_ID}"), 422, "bad_input")

    def test_a_cursor_outlives_its_document(self, service: Service, tmp_path: Path) -> None:
        for name in ("a", "b", "c"):
            service.upload(write_report(tmp_path / f"{name}.pdf", 1, topic=name))
        seen, after = [], {}
        while True:  # list, delete, next page
            listed = service.client.get("/v1/documents", params={"limit": 1, **after}).json()
            seen.append(listed["documents"][0]["name"])
            service.client.delete(listed["documents"][0]["url"])
            if listed["next_after"] is None:
                break
            after = {"after": listed["next_after"]}
        assert seen == ["c.pdf", "b.pdf", "a.pdf"]

    @pytest.mark.parametrize(
        ("params", "expected"),
        [
            ({"sort": "name"}, ["whales.pdf", "Zürich tram.pdf"]),
            ({"sort": "name", "order": "desc"}, ["Zürich tram.pdf", "whales.pdf"]),
            ({"sort": "added_at"}, ["Zürich tram.pdf", "whales.pdf"]),
            ({"sort": "added_at", "order": "asc"}, ["whales.pdf", "Zürich tram.pdf"]),
            ({"state": ["failed", "indexed"], "sort": "state"}, ["whales.pdf", "Zürich tram.pdf"]),
            ({"state": "failed"}, []),
            ({"name": "ZÜRICH"}, ["Zürich tram.pdf"]),
        ],
    )
    def test_it_is_sorted_and_narrowed(
        self, filled: Service, params: dict[str, Any], expected: list[str]
    ) -> None:
        listed = filled.client.get("/v1/documents", params=params).json()
        assert [each["name"] for each in listed["documents"]] == expected
        assert listed["total"] == len(expected)

    def test_the_total_does_not_depend_on_the_page(self, filled: Service) -> None:
        first = filled.client.get("/v1/documents?limit=1&sort=name").json()
        rest = filled.client.get(f"/v1/documents?sort=name&after={first['next_after']}").json()
        assert first["total"] == rest["total"] == 2

    @pytest.mark.parametrize(
        "params", ["sort=size", "order=up", "state=lost", "name=%00", f"name={'x' * 256}"]
    )
    def test_what_it_cannot_be_sorted_or_narrowed_by(self, filled: Service, params: str) -> None:
        assert_problem(filled.client.get(f"/v1/documents?{params}"), 422, "bad_input")

    def test_a_cursor_belongs_to_its_order(self, filled: Service) -> None:
        cursor = filled.client.get("/v1/documents?limit=1").json()["next_after"]
        other = filled.client.get("/v1/documents", params={"after": cursor, "sort": "name"})
        assert "order" in assert_problem(other, 422, "bad_input")["detail"]

    def test_dates_say_their_format(self, filled: Service) -> None:
        shown = filled.client.get("/v1/documents").json()["documents"][0]
        assert datetime.fromisoformat(shown["added_at"]).tzinfo is not None
        assert shown["created_at"] == shown["added_at"]
        fields = filled.client.get("/openapi.json").json()["components"]["schemas"]["DocumentOut"][
            "properties"
        ]
        dates = [name for name in fields if name.endswith("_at")]
        assert all("date-time" in str(fields[name]) for name in dates) and len(dates) == 6


class TestDelete:
    def test_everything_of_a_document_goes(
        self, service: Service, settings: Settings, tmp_path: Path
    ) -> None:
        document_id = service.index(write_report(tmp_path / "report.pdf", 2))
        assert service.client.delete(f"/v1/documents/{document_id}").status_code == 204
        for what in ("", "/file", "/pages/1/image", "/pages/1/text"):
            assert_problem(service.client.get(f"/v1/documents/{document_id}{what}"), 404, "not_found")
        assert service.search("report") == []
        assert not list(settings.index.data_dir.glob(f"objects/*/{document_id}*"))

    def test_one_that_is_being_indexed(self, start: Start, settings: Settings, tmp_path: Path) -> None:
        entered, gate = Event(), Event()

        def hold(_: object) -> None:
            entered.set()
            gate.wait()

        service = start(TinyEmbedder(on_batch=hold))
        path = write_report(tmp_path / "report.pdf", 2)
        document_id = service.upload(path).json()["uploads"][0]["document"]["document_id"]
        entered.wait()
        assert service.client.delete(f"/v1/documents/{document_id}").status_code == 204
        gate.set()
        service.index(write_report(tmp_path / "next.pdf", 1, topic="b"))  # the worker is done with the first
        assert_problem(service.client.get(f"/v1/documents/{document_id}"), 404, "not_found")
        assert {hit["document"]["name"] for hit in service.search("report page")} <= {"next.pdf"}
        assert not list(settings.index.data_dir.glob(f"objects/*/{document_id}*"))

    def test_one_that_is_not_there(self, service: Service) -> None:
        assert_problem(service.client.delete(f"/v1/documents/{UNKNOWN_ID}"), 404, "not_found")

    def test_one_that_was_deleted_can_come_back(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "report.pdf", 1)
        service.client.delete(f"/v1/documents/{service.index(path)}")
        service.index(path)
        assert len(service.ids()) == 1


class TestPages:
    @pytest.fixture
    def page(self, filled: Service) -> str:
        return f"/v1/documents/{filled.ids()[-1]}/pages/1"  # the oldest: whales.pdf

    def test_the_image_is_webp_and_with_a_version_may_be_cached_for_good(
        self, filled: Service, page: str
    ) -> None:
        response = filled.client.get(f"{page}/image")
        assert response.headers["content-type"] == "image/webp"
        assert response.headers["cache-control"] == "private, no-cache"
        assert "immutable" in filled.client.get(f"{page}/image?v=2").headers["cache-control"]
        with Image.open(BytesIO(response.content)) as image:
            assert max(image.size) == 512

    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
    def test_it_comes_in_the_type_that_a_client_accepts(self, filled: Service, page: str, kind: str) -> None:
        media_type = f"image/{kind.lower()}"
        asked = {"Accept": media_type}
        response = filled.client.get(f"{page}/image?width=100", headers=asked)
        assert response.headers["content-type"] == media_type
        assert response.headers["vary"] == "Accept"
        with Image.open(BytesIO(response.content)) as image:
            assert (image.format, image.width) == (kind, 100)
        again = {**asked, "If-None-Match": response.headers["etag"]}
        assert filled.client.get(f"{page}/image?width=100", headers=again).status_code == 304
        others = {**again, "Accept": "image/png" if kind != "PNG" else "image/jpeg"}
        assert filled.client.get(f"{page}/image?width=100", headers=others).status_code == 200

    def test_it_is_narrowed_but_never_enlarged(self, filled: Service, page: str) -> None:
        full = filled.client.get(f"{page}/image").content
        with Image.open(BytesIO(filled.client.get(f"{page}/image?width=100").content)) as image:
            assert image.width == 100
        assert filled.client.get(f"{page}/image?width=4000").content == full

    def test_a_client_that_has_it_gets_nothing_anew(self, filled: Service, page: str) -> None:
        etag = filled.client.get(f"{page}/image?width=100").headers["etag"]
        again = filled.client.get(f"{page}/image?width=100", headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")
        other = filled.client.get(f"{page}/image?width=101", headers={"If-None-Match": etag})
        assert other.status_code == 200

    @pytest.mark.parametrize("width", [0, 15, 8_193, "wide"])
    def test_a_bad_width_is_named(self, filled: Service, page: str, width: object) -> None:
        problem = assert_problem(filled.client.get(f"{page}/image?width={width}"), 422, "bad_input")
        assert problem["errors"][0]["field"] == "width"

    @pytest.mark.parametrize("what", ["image", "text"])
    def test_a_page_past_the_last(self, filled: Service, page: str, what: str) -> None:
        problem = assert_problem(filled.client.get(page[:-1] + f"4/{what}"), 404, "not_found")
        assert "3 pages" in problem["detail"]
        assert "1 to 3" in problem["remedy"]

    @pytest.mark.parametrize("number", ["0", "-1", "one"])
    def test_a_page_number_that_is_none(self, filled: Service, page: str, number: str) -> None:
        assert_problem(filled.client.get(page[:-1] + f"{number}/image"), 422, "bad_input")

    @pytest.mark.parametrize("what", ["pages/1/image", "pages/1/text", "file", ""])
    def test_an_unknown_document(self, filled: Service, what: str) -> None:
        assert_problem(filled.client.get(f"/v1/documents/{UNKNOWN_ID}/{what}".rstrip("/")), 404, "not_found")

    def test_an_id_that_is_none(self, filled: Service) -> None:
        assert_problem(filled.client.get("/v1/documents/..%2f..%2fetc/file"), 404, "unknown_route")
        assert_problem(filled.client.get("/v1/documents/passwd/file"), 404, "not_found")

    def test_the_words_come_from_both_sources(self, filled: Service, page: str) -> None:
        text = filled.client.get(f"{page}/text").json()
        assert [word["text"] for word in text["text_layer"][:3]] == ["Whales", "of", "the"]
        x0, y0, x1, y1 = text["text_layer"][0]["box"]
        assert 0 < x0 < x1 < 1
        assert 0 < y0 < y1 < 1
        [read] = text["read"]
        assert read["confidence"] == 0.5
        assert text["readability"] is None, "of a word, or of none beside the text layer"


class TestFile:
    def test_the_pdf_comes_back_as_it_was(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "report.pdf", 1)
        response = service.client.get(f"/v1/documents/{service.index(path)}/file")
        assert response.content == path.read_bytes()
        assert response.headers["content-type"] == "application/pdf"

    def test_in_ranges(self, filled: Service) -> None:
        url = f"/v1/documents/{filled.ids()[0]}/file"
        response = filled.client.get(url, headers={"Range": "bytes=0-4"})
        assert (response.status_code, response.content) == (206, b"%PDF-")

    def test_again_only_if_it_is_another(self, service: Service, settings: Settings, tmp_path: Path) -> None:
        url = f"/v1/documents/{service.index(write_report(tmp_path / 'report.pdf', 1))}/file"
        first = service.client.get(url).headers
        [stored] = settings.index.data_dir.rglob("objects/**/*.pdf")
        os.utime(stored, (0, 0))  # as a copy of a bucket's is of another time for every request
        assert first["cache-control"] == "private, no-cache"
        for known in (first["etag"], f'"other", W/{first["etag"]}', "*"):
            again = service.client.get(url, headers={"If-None-Match": known})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == first["etag"]
        rest = service.client.get(url, headers={"Range": "bytes=5-", "If-Range": first["etag"]})
        assert rest.status_code == 206

    def test_under_a_name_that_headers_can_carry(self, service: Service, tmp_path: Path) -> None:
        name = 'Zürich "1"; x=y.pdf'
        document_id = service.index(write_pdf(tmp_path / name, ["hello"]))
        shown = service.client.get(f"/v1/documents/{document_id}").json()["name"]
        disposition = service.client.get(f"/v1/documents/{document_id}/file").headers["content-disposition"]
        assert disposition == f"inline; filename*=utf-8''{quote(shown, safe='')}"


def test_pages_are_listed_with_what_is_printed_on_them(service: Service, tmp_path: Path) -> None:
    labels = {0: {"S": Name.r}, 2: {"S": Name.D}}
    document_id = service.index(write_labelled(tmp_path / "a.pdf", ["Tides", "Pilots", "Buoys"], labels))
    address = f"/v1/documents/{document_id}/pages"
    pages = service.client.get(address).json()["pages"]
    assert [(each["page_number"], each["page_label"]) for each in pages] == [(1, "i"), (2, "ii"), (3, "1")]
    for each in pages:
        assert service.client.get(each["image_url"]).status_code == 200
        assert service.client.get(each["page_url"]).status_code == 200
    assert service.client.get(address, params={"offset": 1, "limit": 1}).json()["pages"] == [pages[1]]
    assert service.client.get(address, params={"offset": 3}).json()["pages"] == []
    assert service.client.get(f"{address}/2/text").json()["page_label"] == "ii"
    [hit] = service.search("tides", filter={"page_label": "i"})
    assert (hit["page_number"], hit["page_label"]) == (1, "i")
    assert_problem(service.client.get(f"/v1/documents/{UNKNOWN_ID}/pages"), 404, "not_found")


def test_the_form_of_a_browser_is_understood(service: Service, tmp_path: Path) -> None:
    """Browsers send other fields and empty file inputs along."""
    path = write_report(tmp_path / "report.pdf", 1)
    sent = [("files", ("", b"", "application/octet-stream")), *files(path)]
    response = service.client.post("/v1/documents", data={"note": "hello"}, files=sent)
    assert [upload["name"] for upload in response.json()["uploads"]] == ["report.pdf"]


class TestPasswords:
    """Locked PDFs come with their password, before the files or after them, as forms and curl send it."""

    @pytest.fixture
    def locked(self, tmp_path: Path) -> Path:
        return write_encrypted(tmp_path / "locked.pdf", user_password="correct horse")

    @pytest.mark.parametrize("first", ["password", "file"])
    def test_with_it_they_are_taken(self, service: Service, locked: Path, first: str) -> None:
        fields: list[tuple[str, Any]] = [("password", (None, "correct horse")), *files(locked)]
        sent = fields if first == "password" else fields[::-1]
        document = service.client.post("/v1/documents", files=sent).json()["uploads"][0]["document"]
        assert service.settled(document["document_id"])["state"] == "indexed"
        assert list(service.client.app_state["services"].uploads.iterdir()) == []

    def test_with_another_they_are_not(self, service: Service, locked: Path, caplog: Any) -> None:
        sent = [*files(locked), ("password", (None, "wrong horse"))]
        problem = assert_problem(service.client.post("/v1/documents", files=sent), 422, "pdf_encrypted")  # type: ignore[arg-type]
        assert "Wrong password" in problem["detail"]
        assert "wrong horse" not in str(problem) + caplog.text


def test_an_image_is_a_document_too(service: Service, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200), "navy").save(tmp_path / "chart.png")
    document_id = service.index(tmp_path / "chart.png")
    answer = service.client.get(f"/v1/documents/{document_id}/file")
    assert answer.content.startswith(b"%PDF") and "chart.png.pdf" in answer.headers["content-disposition"]


def test_an_image_has_an_address_here_where_there_is_no_bucket(service: Service, tmp_path: Path) -> None:
    document_id = service.index(write_report(tmp_path / "a.pdf", 1))
    here = service.client.get(f"/v1/documents/{document_id}/pages/1/image-url").json()
    assert here == {"url": f"/v1/documents/{document_id}/pages/1/image", "is_presigned": False}
    assert service.client.get(here["url"]).status_code == 200
    missing = service.client.get(f"/v1/documents/{document_id}/pages/2/image-url")
    assert_problem(missing, 404, "not_found")
    too_long = service.client.get(f"/v1/documents/{document_id}/pages/1/image-url?expires_s=3601")
    assert_problem(too_long, 422, "bad_input")


def test_an_address_in_the_bucket_shows_the_image_to_anybody(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_server() as address:
        for name, value in s3_environment(address).items():
            monkeypatch.setenv(name, value)
        index = settings.index.model_copy(update={"objects_url": f"s3://{BUCKET}"})
        with TestClient(create_app(settings.model_copy(update={"index": index}), tiny_models())) as client:
            service = Service(client)
            document_id = service.index(write_report(tmp_path / "a.pdf", 1))
            given = client.get(f"/v1/documents/{document_id}/pages/1/image-url?expires_s=60").json()
            image = client.get(f"/v1/documents/{document_id}/pages/1/image").content
        assert given["is_presigned"] and "X-Amz-Expires=60" in given["url"]
        assert httpx.get(given["url"], trust_env=False).content.startswith(image)


class TestMetadata:
    """What an uploader says of documents, and what is done with it."""

    @pytest.mark.parametrize("first", ["metadata", "file"])
    def test_it_comes_with_all_files_of_a_request(self, service: Service, tmp_path: Path, first: str) -> None:
        paths = [write_report(tmp_path / f"{topic}.pdf", 1, topic=topic) for topic in ("a", "b")]
        told = {"year": 2021, "paid": True, "tags": ["q3"], "due": "2024-12-31", "größe": "ü📈"}
        fields: list[tuple[str, Any]] = [("metadata", (None, json.dumps(told))), *files(*paths)]
        sent = fields if first == "metadata" else fields[::-1]
        uploads = service.client.post("/v1/documents", files=sent).json()["uploads"]
        assert [upload["document"]["metadata"] for upload in uploads] == [told, told]
        assert {upload["document"]["kind"] for upload in uploads} == {"pdf"}
        for upload in uploads:
            service.settled(upload["document"]["document_id"])
        hits = service.search("report", filter={"größe": "ü📈", "paid": True, "due": {"$gt": "2024-12-30"}})
        assert len(hits) == 2

    def test_known_bytes_get_what_comes_with_them(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "a.pdf", 1)
        document_id = service.index(path)
        for told, expected in (({"year": 2021}, {"year": 2021}), (None, {"year": 2021}), ({}, {})):
            metadata = [] if told is None else [("metadata", (None, json.dumps(told)))]
            service.client.post("/v1/documents", files=[*files(path), *metadata])
            assert service.client.get(f"/v1/documents/{document_id}").json()["metadata"] == expected

    @pytest.mark.parametrize(
        ("text", "place"), [("{", "metadata"), ('{"a": [1]}', "metadata.a[0]"), ("[]", "")]
    )
    def test_what_is_wrong_with_it_is_said(
        self, service: Service, tmp_path: Path, text: str, place: str
    ) -> None:
        metadata = ("metadata", (None, text))
        report = files(write_report(tmp_path / "a.pdf", 1))
        before = service.client.post("/v1/documents", files=[metadata, *report])
        assert place in assert_problem(before, 422, "bad_metadata")["detail"]
        assert service.ids() == []
        assert list(service.client.app_state["services"].uploads.iterdir()) == []

    def test_a_document_is_changed(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_report(tmp_path / "a.pdf", 1))
        address = f"/v1/documents/{document_id}"
        change = {"name": "b.pdf", "metadata": {"year": 2021, "tags": ["x"]}}
        changed = service.client.patch(address, json=change).json()
        assert (changed["name"], changed["metadata"]) == ("b.pdf", change["metadata"])
        merged = service.client.patch(address, json={"metadata": {"year": None, "team": "north"}}).json()
        assert (merged["name"], merged["metadata"]) == ("b.pdf", {"tags": ["x"], "team": "north"})
        assert service.client.get(address).json() == service.client.patch(address, json={}).json() == merged
        [hit] = service.search("report", filter={"team": "north", "document_name": {"$prefix": "b"}})
        assert hit["document"]["name"] == "b.pdf"
        assert service.search("report", filter={"year": {"$exists": True}}) == []

    def test_a_change_that_cannot_be(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_report(tmp_path / "a.pdf", 1))
        address = f"/v1/documents/{document_id}"
        problem = assert_problem(
            service.client.patch(address, json={"metadata": {"kind": "x"}}), 422, "bad_metadata"
        )
        assert "built-in" in problem["detail"]
        assert_problem(service.client.patch(address, json={"nam": "x"}), 422, "bad_input")
        assert_problem(service.client.patch(address, json={"name": ""}), 422, "bad_input")
        assert_problem(
            service.client.patch(f"/v1/documents/{UNKNOWN_ID}", json={"name": "x"}), 404, "not_found"
        )

    def test_the_list_is_narrowed(self, filled: Service) -> None:
        def names(**params: Any) -> list[str]:
            listed = filled.client.get("/v1/documents", params=params).json()
            return [each["name"] for each in listed["documents"]]

        assert names(filter='{"year": 2021}') == ["whales.pdf"]
        assert names(filter='{"document_name": {"$prefix": "Z"}}') == ["Zürich tram.pdf"]
        assert names(filter='{"kind": "pdf"}', limit=1, sort="added_at", order="asc") == ["whales.pdf"]
        of_pages = filled.client.get("/v1/documents", params={"filter": '{"page_number": 1}'})
        assert "page_number" in assert_problem(of_pages, 422, "bad_filter")["detail"]

    def test_documents_are_deleted_by_filter(self, service: Service, tmp_path: Path) -> None:
        ids = [service.index(write_report(tmp_path / f"{name}.pdf", 1, name)) for name in ("a1", "a2", "b")]
        filter = {"document_name": {"$prefix": "a"}}
        would = service.client.post("/v1/deletions", json={"filter": filter}).json()
        named = [
            {"document_id": n, "name": name, "id": n} for n, name in ((ids[1], "a2.pdf"), (ids[0], "a1.pdf"))
        ]
        assert would == {"dry_run": True, "count": 2, "documents": named}
        assert len(service.ids()) == 3
        done = service.client.post("/v1/deletions", json={"filter": filter, "dry_run": False}).json()
        assert done == {**would, "dry_run": False}
        assert service.ids() == [ids[2]]
        assert {hit["document"]["document_id"] for hit in service.search("report")} == {ids[2]}
        again = service.client.post("/v1/deletions", json={"filter": filter, "dry_run": False}).json()
        assert again == {"dry_run": False, "count": 0, "documents": []}

    @pytest.mark.parametrize(
        ("body", "code"),
        [({}, "bad_input"), ({"filter": {}}, "bad_filter"), ({"filter": {"page_label": "1"}}, "bad_filter")],
    )
    def test_a_deletion_must_say_of_what(self, filled: Service, body: dict[str, Any], code: str) -> None:
        assert_problem(filled.client.post("/v1/deletions", json=body), 422, code)
        assert len(filled.ids()) == 2

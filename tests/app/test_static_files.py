"""Static files: kept for good below the address of their version, asked for again below any other."""

import re
from pathlib import Path

import pytest

from app.static_files import version_of
from tests.app.talking import Service


def test_the_page_names_files_that_may_be_kept_for_good(filled: Service) -> None:
    named = re.findall(r'(?:src|href)="(/static/[^"]+)"', filled.client.get("/").text)
    assert len(named) >= 3
    for address in named:
        assert "immutable" in filled.client.get(address).headers["cache-control"], address


@pytest.mark.parametrize("path", ["style.css", "0123456789ab/style.css"])
def test_without_the_version_that_there_is_they_are_asked_for_again(filled: Service, path: str) -> None:
    response = filled.client.get(f"/static/{path}")
    assert (response.status_code, response.headers["cache-control"]) == (200, "private, no-cache")


def test_a_version_leads_to_nothing_else(filled: Service) -> None:
    for path in ("0123456789ab/../../ui/endpoints.py", "0123456789ab/", "0123456789ab/none.css"):
        assert filled.client.get(f"/static/{path}").status_code == 404


def test_a_version_changes_with_names_and_contents(tmp_path: Path) -> None:
    first = tmp_path / "a.css"
    first.write_bytes(b"a")
    versions = [version_of(tmp_path)]
    first.write_bytes(b"b")
    versions.append(version_of(tmp_path))
    first.rename(tmp_path / "b.css")
    versions.append(version_of(tmp_path))
    assert len(set(versions)) == 3


@pytest.mark.parametrize("path", ["/", "/static/htmx.min.js", "/static/style.css", "/openapi.json"])
def test_text_is_compressed(filled: Service, path: str) -> None:
    response = filled.client.get(path, headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert int(response.headers["content-length"]) < len(response.content)
    assert "accept-encoding" in response.headers["vary"].lower()


def test_images_and_pdfs_are_sent_as_they_are(filled: Service) -> None:
    document = f"/v1/documents/{filled.ids()[0]}"
    for path in (f"{document}/file", f"{document}/pages/1/image"):
        response = filled.client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "content-encoding" not in response.headers
        assert int(response.headers["content-length"]) == len(response.content)

"""The reference of the API in a browser: nothing that the policy forbids, and what is tried out works."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fixtures.pdfs import write_pdf


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page, of which everything that went wrong is collected."""
    opened, wrong = browser.new_page(), list[str]()
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda asked: wrong.append(asked.url) if not _is_own(asked.url, address) else None)
    opened.goto(f"{address}/docs")
    yield opened
    opened.close()
    assert wrong == []


def _is_own(url: str, address: str) -> bool:
    return url.startswith((address, "blob:"))


def test_a_search_is_tried_out(page: Page) -> None:
    operation = page.locator("#operations-search-search")
    operation.locator(".opblock-summary-control").click()
    operation.locator(".execute").click()
    response = operation.locator(".live-responses-table")
    expect(response.locator(".response-col_status").nth(1)).to_contain_text("200")
    expect(response.locator(".highlight-code").first).to_contain_text('"hits"')


def test_a_file_is_uploaded(page: Page, tmp_path: Path) -> None:
    operation = page.locator("#operations-documents-upload_documents")
    operation.locator(".opblock-summary-control").click()
    operation.locator("input[type=file]").set_input_files(write_pdf(tmp_path / "whales.pdf", ["Whales"]))
    operation.locator(".execute").click()
    response = operation.locator(".live-responses-table")
    expect(response.locator(".response-col_status").nth(1)).to_contain_text("202")
    expect(response.locator(".highlight-code").first).to_contain_text("whales.pdf")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_scheme_of_the_browser(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    expect(page.locator("html")).to_have_class("dark-mode" if scheme == "dark" else "")
    page.locator("#operations-documents-list_documents .opblock-summary-control").click()
    expect(page.locator("#operations-documents-list_documents select").first).to_be_visible()

"""What people say of results, and do with pages, reaches the service: from a real browser."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import WHALES
from tests.e2e.conftest import PATIENCE_MS
from tests.fixtures.pdfs import write_pdf

ASKED = "how long do humpback whales sing?"


@pytest.fixture
def page(browser: Browser, address: str, tmp_path: Path) -> Iterator[Page]:
    """The results of a question about three pages."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.goto(address)
    page.set_input_files("#files", write_pdf(tmp_path / "whales.pdf", WHALES))
    expect(page.locator("#library .state")).to_have_count(1)
    page.get_by_label("Question").fill(ASKED)
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(3)
    yield page
    context.close()
    assert complaints == []


def kinds(page: Page, address: str) -> Counter[str]:
    """What the service knows by now."""
    lines = page.request.get(f"{address}/v1/feedback/export").text().splitlines()
    return Counter(each["kind"] for line in lines for each in json.loads(line)["feedback"])


def wait_for(page: Page, address: str, expected: dict[str, int]) -> None:
    """A beacon has no answer that the page could show."""
    deadline = monotonic() + PATIENCE_MS / 1000
    while (found := kinds(page, address)) != expected:
        assert monotonic() < deadline, found
        sleep(0.1)


def test_results_are_judged_and_judged_otherwise_by_keyboard_and_mouse(page: Page, address: str) -> None:
    best = page.locator(".hit").first
    right = best.get_by_role("button", name="Right page")
    right.click()
    expect(right).to_have_attribute("aria-pressed", "true")
    expect(right).to_be_focused()
    wrong = best.get_by_role("button", name="Not this one")
    wrong.focus()
    page.keyboard.press("Enter")
    expect(wrong).to_have_attribute("aria-pressed", "true")
    expect(right).to_have_attribute("aria-pressed", "false")
    assert kinds(page, address) == {"wrong": 1}
    wrong.click()
    expect(wrong).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="None of these answers").click()
    expect(page.locator(".verdict [aria-pressed=true]")).to_be_visible()
    assert kinds(page, address) == {"nothing": 1}
    assert page.url.endswith("whales+sing%3F") or "?q=" in page.url


def test_what_is_opened_looked_at_and_copied_is_told(page: Page, address: str) -> None:
    page.locator(".hit .open").first.click()
    expect(page.locator("#viewer .stage")).to_be_focused()
    assert "search=" not in page.url
    wait_for(page, address, {"opened": 1})
    page.wait_for_timeout(1_200)
    page.locator("#viewer .words summary").click()
    page.locator("#viewer").get_by_role("button", name="Copy text").click()
    page.locator("#viewer").get_by_role("button", name="Right page").click()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_be_hidden()
    wait_for(page, address, {"opened": 1, "copied": 1, "right": 1, "dwelt": 1})


def test_without_javascript_a_judgement_has_a_page_of_its_own(
    browser: Browser, page: Page, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(page.url)
    plain.locator(".hit").first.get_by_role("button", name="Right page").click()
    expect(plain.get_by_role("heading", name="Thank you")).to_be_visible()
    assert kinds(page, address) == {"right": 1}
    plain.get_by_role("link", name="Back to results").click()
    expect(plain.locator(".hit")).to_have_count(3)
    context.close()

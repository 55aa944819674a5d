"""The web UI, driven in a real browser against a real server, as wide as a desk and as a hand."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.app.conftest import TRAM, WHALES
from tests.e2e.conftest import PATIENCE_MS
from tests.fixtures.pdfs import write_encrypted, write_pdf, write_report

LINE_PX = 21  # of the header's small print
WIDTHS = {"desk": (1280, 900), "hand": (390, 844)}
_AT_ITS_BOTTOM = """(() => {
    const stage = document.querySelector('.stage');
    return stage.scrollTop > 0 && stage.scrollTop + stage.clientHeight >= stage.scrollHeight - 1;
})()"""


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """The page, at a desk unless the test says else; it must not complain nor be wider than the window."""
    width, height = WIDTHS[getattr(request, "param", "desk")]
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.goto(address)
    yield page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert complaints == []


@pytest.fixture
def pdfs(tmp_path: Path) -> tuple[Path, Path]:
    return write_pdf(tmp_path / "whales.pdf", WHALES), write_pdf(tmp_path / "tram.pdf", TRAM)


def upload(page: Page, *paths: Path) -> None:
    page.set_input_files("#files", list(paths))


def ready(page: Page, count: int) -> None:
    expect(page.locator("#library .state")).to_have_count(count)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_contain_text(question)


def answer(page: Page, choice: str) -> None:
    """Answers what a dialog asks."""
    page.locator("dialog[open]").get_by_role("button", name=choice, exact=True).click()


def wait_until(page: Page, holds: str) -> None:
    """Wait until a script holds; Playwright's own way evaluates it in the page, whose policy forbids that."""
    deadline = monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(holds):
        assert monotonic() < deadline, holds
        page.wait_for_timeout(50)


@pytest.mark.parametrize("name", ["invoices", "x" * 63])
@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_the_collections_are_one_line_of_the_header(page: Page, name: str) -> None:
    page.request.post(f"{page.url}v1/collections", data={"name": name})
    page.goto(f"{page.url}collections/{name}/")
    menu = page.locator(".menu summary")
    expect(menu).to_contain_text(name)
    assert menu.evaluate("each => each.getClientRects()[0].height") < 2 * LINE_PX
    menu.click()
    page.locator(".menu").get_by_role("link", name="default").click()
    expect(menu).to_contain_text("default")


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_from_upload_to_answer_to_deletion(page: Page, pdfs: tuple[Path, Path]) -> None:
    expect(page.get_by_text("Nothing to search yet")).to_be_visible()

    upload(page, *pdfs)
    ready(page, 2)
    expect(page.locator("#library")).not_to_have_attribute("hx-trigger", re.compile("every"))

    page.get_by_label("Text", exact=True).check()
    ask(page, "how long do humpback whales sing?")
    best = page.locator(".hit").first
    expect(best.locator("mark").first).to_contain_text("Humpback whales sing")
    expect(best.locator("img")).to_have_js_property("complete", True)
    assert best.locator("img").evaluate("image => image.naturalWidth") > 0

    best.locator(".open").click()
    viewer = page.locator("#viewer")
    expect(viewer.locator(".title")).to_contain_text("Page 2 of 3")
    expect(viewer.locator(".stage")).to_be_focused()
    expect(viewer.get_by_role("link", name="Open PDF")).to_have_attribute("href", re.compile("#page=2$"))

    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".title")).to_contain_text("Page 3 of 3")
    page.keyboard.press("ArrowRight")  # there is no fourth page to go to
    page.keyboard.press("ArrowLeft")
    expect(viewer.locator(".title")).to_contain_text("Page 2 of 3")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(best.locator(".open")).to_be_focused()

    page.get_by_role("button", name="Delete whales.pdf").click()
    answer(page, "Delete")
    expect(page.locator("#library")).not_to_contain_text("whales.pdf")
    expect(page.locator(".hit[data-document]", has_text="whales.pdf")).to_have_count(0)
    expect(page.locator("#document option")).to_have_text(["All documents", "tram.pdf"])


def test_a_deletion_can_be_thought_better_of(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, pdfs[1])
    ready(page, 1)
    page.get_by_role("button", name="Delete tram.pdf").click()
    answer(page, "Cancel")
    page.reload()
    expect(page.locator("#library")).to_contain_text("tram.pdf")


def test_a_refused_file_is_explained_beside_the_good_one(
    page: Page, pdfs: tuple[Path, Path], tmp_path: Path
) -> None:
    upload(page, pdfs[0], write_encrypted(tmp_path / "locked.pdf", user_password="x"))
    expect(page.locator("#upload-outcome")).to_contain_text("locked.pdf is password-protected.")
    ready(page, 1)


def test_a_search_can_be_linked_to_narrowed_and_gone_back_from(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, *pdfs)
    ready(page, 2)
    ask(page, "whales")
    page.get_by_label("Document", exact=True).select_option("tram.pdf")
    expect(page.locator(".hit .name").first).to_have_text("tram.pdf")
    assert "document=" in page.url

    page.reload()
    expect(page.locator(".hit .name").first).to_have_text("tram.pdf")
    expect(page.get_by_label("Question")).to_have_value("whales")
    page.go_back()
    expect(page.locator(".hit .name", has_text="whales.pdf").first).to_be_visible()


def test_an_example_is_asked_by_keyboard_alone(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, pdfs[0])
    example = page.locator(".chip").first
    expect(example).to_be_visible()
    words = example.inner_text()
    example.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".summary")).to_contain_text(words)
    expect(page.locator("#announcer")).to_contain_text(words)


def test_a_page_has_an_address_where_the_keys_work_too(
    page: Page, pdfs: tuple[Path, Path], address: str
) -> None:
    upload(page, pdfs[0])
    ready(page, 1)
    page.goto(address + str(page.locator(".document .name").get_attribute("href")))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".title")).to_contain_text("Page 2 of 3")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Ask your documents")).to_be_visible()


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_the_viewer_has_its_own_keys_address_and_way_back(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, pdfs[0])
    ready(page, 1)
    ask(page, "whales")
    results, title = page.url, page.title()
    assert title.startswith("3 pages for “whales”")
    page.locator(".hit .open").first.click()
    viewer, stage = page.locator("#viewer"), page.locator(".stage")
    expect(stage).to_be_focused()
    wait_until(page, "document.querySelector('.stage img').complete")  # before, there is nothing to scroll
    behind = page.evaluate("scrollY")

    for _ in range(3):
        page.keyboard.press("+")
    expect(viewer.locator("output")).to_have_text("200 %")
    page.keyboard.press("0")
    for _ in range(5):
        page.keyboard.press("+")
    for key in ("End", "PageDown", "ArrowDown", " "):
        page.keyboard.press(key)
    wait_until(page, _AT_ITS_BOTTOM)  # before, Home only interrupts the scrolling
    viewer.get_by_role("link", name="Open PDF").focus()
    page.keyboard.press("Home")  # wherever the focus is
    wait_until(page, "document.querySelector('.stage').scrollTop === 0")
    assert page.evaluate("scrollY") == behind

    expect(viewer.locator(".title")).to_contain_text("Page 3 of 3")
    viewer.get_by_label("Go to page").fill("2")
    page.keyboard.press("Enter")
    expect(viewer.locator(".title")).to_contain_text("Page 2 of 3")
    expect(page).to_have_title("whales.pdf, page 2 – vdr")
    assert "/pages/2?q=whales" in page.url
    viewer.get_by_label("Go to page").fill("4")
    page.keyboard.press("Enter")
    expect(viewer.get_by_text("Enter a page from 1 to 3.")).to_be_visible()

    page.go_back()
    expect(viewer).to_be_hidden()
    expect(page).to_have_title(title)
    assert page.url == results
    page.go_forward()
    expect(viewer.locator(".title")).to_contain_text("Page 2 of 3")
    page.reload()  # somebody who got the address by mail sees the page alone
    expect(page.get_by_role("heading", level=1)).to_have_text("whales.pdf")
    page.go_back()
    expect(page.locator(".hit").first).to_be_visible()


def test_an_image_is_searched_by_or_indexed_as_one_likes(
    page: Page, pdfs: tuple[Path, Path], tmp_path: Path
) -> None:
    upload(page, pdfs[0])
    ready(page, 1)
    image = tmp_path / "whale.png"
    Image.new("RGB", (300, 400), "white").save(image)
    page.set_input_files("#image", image)
    expect(page.locator(".summary")).to_contain_text("like whale.png")
    expect(page.locator(".hit").first).to_be_visible()

    for choice, shown in (("Search by this image", ".summary"), ("Add it to the documents", "#library")):
        drop(page, image)
        expect(page.locator("#image-choice")).to_contain_text("whale.png")
        answer(page, choice)
        expect(page.locator(shown)).to_contain_text("whale.png")
    ready(page, 2)


def drop(page: Page, path: Path) -> None:
    """Drops a file onto the page."""
    page.evaluate(
        """async ([name, content]) => {
          const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File([bytes], name, { type: "image/png" }));
          const options = { dataTransfer, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new DragEvent("drop", options));
        }""",
        [path.name, b64encode(path.read_bytes()).decode()],
    )


def test_a_locked_pdf_is_opened_with_its_password(page: Page, tmp_path: Path) -> None:
    upload(page, write_encrypted(tmp_path / "locked.pdf", user_password="sesame"))
    outcome = page.locator("#upload-outcome")
    for password, said in (("wrong", "Wrong password"), ("sesame", "")):
        outcome.get_by_label("Password").fill(password)
        outcome.get_by_role("button", name="Unlock").click()
        expect(outcome).to_contain_text(said) if said else expect(outcome).to_be_empty()
    ready(page, 1)
    expect(page.locator("#library")).to_contain_text("locked.pdf")


def test_more_pages_are_shown_and_stand_by_their_documents(page: Page, tmp_path: Path) -> None:
    upload(
        page, write_report(tmp_path / "long.pdf", 14, "tides"), write_report(tmp_path / "b.pdf", 1, "tides")
    )
    ready(page, 2)
    ask(page, "tides")
    expect(page.locator(".summary")).to_contain_text("The 12 best pages for “tides”")
    page.get_by_role("button", name="Show more pages").click()
    expect(page.locator(".summary")).to_contain_text("15 pages for “tides”")
    expect(page.locator(".hit .open").nth(12)).to_be_focused()
    page.get_by_label("Group by document").check()
    expect(page.locator(".group h2")).to_have_text(["long.pdf"])
    page.reload()
    expect(page.locator(".group h2")).to_have_text(["long.pdf"])


def test_documents_are_found_renamed_and_deleted_together(page: Page, tmp_path: Path) -> None:
    reports = [write_report(tmp_path / f"{name}.pdf", 1, name) for name in ("tides", "pilots", "buoys")]
    upload(page, *reports)
    ready(page, 3)
    names = page.locator("#library .name")
    page.get_by_label("Sort").select_option("name")
    expect(names).to_have_text(["buoys.pdf", "pilots.pdf", "tides.pdf"])
    page.get_by_label("Find documents").fill("TIDE")
    expect(names).to_have_text(["tides.pdf"])
    page.get_by_label("Rename tides.pdf").click()
    page.get_by_label("New name").fill("tides of 2031.pdf")
    page.keyboard.press("Enter")
    expect(names).to_have_text(["tides of 2031.pdf"])
    page.reload()
    expect(page.get_by_label("Sort")).to_have_value("name")
    expect(names).to_have_text(["tides of 2031.pdf"])
    page.get_by_label("Find documents").fill("")
    expect(names).to_have_count(3)
    page.get_by_label("State").select_option("Failed")
    expect(page.locator("#library")).to_contain_text("No document is in this state.")
    ask(page, "tides")
    expect(page).to_have_url(re.compile(r"\?q=tides&order=name&state=failed$"))
    page.get_by_label("State").select_option("Ready")
    expect(names).to_have_count(3)

    page.get_by_label("Select all").check()
    page.get_by_label("Select tides of 2031.pdf").uncheck()
    page.get_by_role("button", name="Delete 2 selected").click()
    expect(page.locator("#confirm")).to_contain_text("2 documents will be deleted")
    answer(page, "Delete")
    expect(names).to_have_text(["tides of 2031.pdf"])
    expect(page.locator("#library-title")).to_be_focused()


def test_a_link_is_copied(page: Page, pdfs: tuple[Path, Path]) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    upload(page, pdfs[0])
    ready(page, 1)
    ask(page, "whales")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#announcer")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_service_that_is_gone_is_told_kindly(page: Page, pdfs: tuple[Path, Path]) -> None:
    page.context.set_offline(True)
    page.get_by_label("Question").fill("whales")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_contain_text("The service is not responding.")
    page.context.set_offline(False)


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_a_filter_narrows_results_and_the_list(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, *pdfs)
    ready(page, 2)

    page.locator("#search summary").click()
    page.get_by_label("Only pages that pass this filter").fill('{"document_name": {"$prefix": "tram"}}')
    ask(page, "whales and trams")
    expect(page.locator(".hit .name").first).to_have_text("tram.pdf")
    expect(page.locator(".hit", has_text="whales.pdf")).to_have_count(0)
    page.reload()
    expect(page.locator("#filter")).to_have_value('{"document_name": {"$prefix": "tram"}}')
    expect(page.locator(".hit .name").first).to_have_text("tram.pdf")

    page.locator("#filter").fill('{"year"')
    page.keyboard.press("Enter")
    expect(page.locator("#results .problem")).to_contain_text("invalid JSON at character 8")

    page.locator("#list-filter summary").click()
    page.locator("#list-filter-text").fill('{"page_count": {"$gt": 2}}')
    page.keyboard.press("Enter")
    expect(page.locator("#library .name")).to_have_text(["whales.pdf"])
    page.get_by_role("button", name="Delete whales.pdf").click()
    answer(page, "Delete")
    expect(page.locator("#library")).to_contain_text("No document passes the filter.")


def test_the_viewer_opens_at_the_densest_match_and_goes_to_the_next(page: Page, tmp_path: Path) -> None:
    lines = [f"Sales of 2019 in region {number}" for number in range(34)]
    lines[30] = "Goodwill was impaired"
    upload(page, write_pdf(tmp_path / "report.pdf", ["\n".join(lines)]))
    ready(page, 1)
    ask(page, "goodwill impaired 2019")
    page.locator(".hit .open").first.click()
    match = page.locator(".stage .marks .current")
    expect(match).to_be_in_viewport()
    place = match.get_attribute("y") or ""
    assert float(place) > 0.7
    expect(page.locator(".stage .marks .pale")).to_have_count(33)
    page.keyboard.press("n")
    expect(match).not_to_have_attribute("y", place)
    page.keyboard.press("Shift+N")
    expect(match).to_have_attribute("y", place)


@pytest.mark.parametrize("page", WIDTHS, indirect=True)
def test_a_heat_map_is_computed_when_it_is_asked_for_and_then_for_the_session(
    page: Page, pdfs: tuple[Path, Path]
) -> None:
    computed: list[str] = []
    page.on("request", lambda request: computed.append(request.url) if "/heatmap" in request.url else None)
    upload(page, pdfs[0])
    ready(page, 1)
    ask(page, "humpback whales")
    page.locator(".hit .open").first.click()
    expect(page.locator(".stage img")).to_have_js_property("complete", True)
    assert computed == []

    page.get_by_label("Marks").focus()
    page.keyboard.press("ArrowRight")  # chooses, and does not turn the page
    expect(page.get_by_label("Heat map")).to_be_checked()
    heat = page.locator(".stage .heat")
    expect(heat).to_be_visible()
    expect(page.locator(".pending")).to_be_hidden()
    expect(page.locator(".stage .marks rect").first).to_be_hidden()
    assert heat.bounding_box() == page.locator(".stage img").first.bounding_box()
    assert len(computed) == 1

    page.locator(".stage").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile("/pages/1"))
    expect(page.locator(".stage .heat")).to_be_visible()
    assert len(computed) == 2
    page.reload()
    expect(page.locator(".stage .heat")).to_be_visible()
    page.get_by_label("Marks").check()
    expect(heat).to_be_hidden()
    expect(page.locator(".stage .marks rect").first).to_be_visible()


@pytest.mark.parametrize("alone", [False, True])
def test_a_heat_map_that_fails_says_why_and_leaves_the_marks(
    page: Page, pdfs: tuple[Path, Path], alone: bool
) -> None:
    problem = {"detail": "The model is gone.", "remedy": "Wait for it."}
    page.route("**/heatmap?*", lambda route: route.fulfill(status=503, json=problem))
    upload(page, pdfs[0])
    ready(page, 1)
    ask(page, "humpback whales")
    page.locator(".hit .open").first.click()
    expect(page.locator(".stage img")).to_have_js_property("complete", True)
    if alone:
        page.reload()
    page.get_by_label("Heat map").click()  # by the time that it is looked at, marks may be chosen again
    said = page.locator("#problems" if alone else "#viewer-problem")
    expect(said).to_contain_text("The model is gone.")
    expect(said).to_contain_text("Wait for it.")
    expect(said).to_be_in_viewport()
    expect(page.get_by_label("Marks")).to_be_checked()
    expect(page.locator(".pending")).to_be_hidden()
    expect(page.locator(".stage .marks rect").first).to_be_visible()


def test_a_word_of_the_question_shows_its_marks_alone(page: Page, pdfs: tuple[Path, Path]) -> None:
    upload(page, pdfs[0])
    ready(page, 1)
    ask(page, "humpback whales zygomorphic")
    page.locator(".hit .open").first.click()
    humpback = page.locator(".stage .marks [data-word=humpback]")
    whales = page.locator(".stage .marks [data-word=whales]")
    expect(whales).to_be_visible()

    page.locator(".chip", has_text="humpback").hover()
    expect(whales).to_be_hidden()
    expect(humpback).to_be_visible()
    page.mouse.move(0, 0)
    expect(whales).to_be_visible()

    page.get_by_label("Marks").focus()
    page.keyboard.press("Tab")
    expect(whales).to_be_hidden()
    page.keyboard.press("Tab")
    expect(humpback).to_be_hidden()
    page.keyboard.press("Enter")
    page.locator(".stage").focus()  # chosen, it stays
    expect(humpback).to_be_hidden()
    expect(whales).to_be_visible()
    expect(page.locator(".absent")).to_have_attribute("title", "Not on this page")

    page.get_by_label("Heat map").check()
    expect(page.locator(".stage .heat")).to_be_visible()
    expect(whales).to_be_visible()
    page.locator(".chip", has_text="whales").click()
    page.mouse.move(0, 0)
    page.locator(".stage").focus()
    expect(whales).to_be_hidden()

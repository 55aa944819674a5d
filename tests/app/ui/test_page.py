"""The web UI, as HTML: what it shows, what it says when something is wrong."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from html import unescape
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest
from pikepdf import Name

from app.ui.listing import library_view
from tests.app.talking import UNKNOWN_ID, Service, files
from tests.fixtures.embedder import Gate, TinyEmbedder
from tests.fixtures.pdfs import (
    attach,
    write_encrypted,
    write_labelled,
    write_pdf,
    write_report,
    write_titled,
    write_with_missing_page,
    write_xfa,
)
from vdr.catalogue.documents import Catalogue
from vdr.settings import Settings
from vdr.types import Box, Document, PageRef, PageWords, Word

FRAGMENT = {"HX-Request": "true"}


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def chips(html: str) -> dict[str, str]:
    """The words of the question above a page, and what is told of each."""
    found = re.findall(r'class="chip[^>]*title="([^"]*)">(?:<s>)?([^<]*)', html)
    return {unescape(text): told for told, text in found}


def get(service: Service, path: str, **params: Any) -> str:
    response = service.client.get(path, params=params or None, headers=FRAGMENT)
    assert response.status_code == 200, response.text
    return str(response.text)


class TestHome:
    def test_an_empty_library_says_how_to_begin(self, service: Service) -> None:
        page = text_of(get(service, "/"))
        assert "Nothing to search yet" in page
        assert "No documents yet" in page

    def test_a_question_in_the_address_is_answered_in_the_page(self, filled: Service) -> None:
        page = get(filled, "/", q="humpback whales", mode="text")
        assert 'value="humpback whales"' in page
        assert "<mark>Humpback whales</mark>" in page
        assert re.search(r'value="text" checked', page)

    def test_documents_can_be_chosen_by_name(self, filled: Service) -> None:
        newest = filled.ids()[0]
        page = get(filled, "/", document=newest)
        assert re.search(rf'<option value="{newest}" selected>Zürich tram.pdf', page)

    def test_nothing_comes_from_elsewhere(self, filled: Service) -> None:
        page = get(filled, "/", q="whales")
        assert not re.findall(r'(?:src|href|action)="(?!/|#)', page)
        assert "style=" not in page
        assert "<style" not in page
        assert not re.findall(r"<script(?! src=)", page)

    @pytest.mark.parametrize(
        "name",
        [
            "htmx.min.js",
            "htmx.LICENSE.txt",
            "page.js",
            "dom.js",
            "viewer.js",
            "style.css",
            "viewer.css",
            "icon.svg",
        ],
    )
    def test_its_parts_are_served(self, filled: Service, name: str) -> None:
        assert filled.client.get(f"/static/{name}").status_code == 200


class TestResults:
    def test_a_hit_shows_its_page_name_and_marked_words(self, filled: Service) -> None:
        html = get(filled, "/ui/results", q="how long do humpback whales sing", mode="text")
        assert f"/v1/documents/{filled.ids()[-1]}/pages/2/image" in html
        assert "<mark>Humpback whales sing</mark>" in html
        assert "whales.pdf page 2" in text_of(html)
        assert "<rect" in html  # the words are shown on the page image too

    def test_a_page_without_any_of_the_words_says_so(self, filled: Service) -> None:
        assert "none of your words" not in get(filled, "/ui/results", q="humpback whales", mode="text")
        assert "none of your words" in get(filled, "/ui/results", q="herring")

    def test_words_that_no_page_has_are_named_above_the_results(self, filled: Service) -> None:
        html = get(filled, "/ui/results", q="<whales>, zygomorphic Xylophones?", mode="text")
        assert "On no page: zygomorphic, Xylophones" in text_of(html)
        assert "On no page" not in text_of(get(filled, "/ui/results", q="humpback whales", mode="text"))

    def test_words_understood_as_others_are_named_and_marked(self, filled: Service) -> None:
        html = get(filled, "/ui/results", q="Humpbakc whales, xylophones", mode="text")
        told = "Searched for “Humpback” instead of “Humpbakc”. On no page: xylophones"
        assert told in text_of(html)
        assert "<mark>Humpback whales</mark>" in html
        assert "?q=Humpback%20whales%2C%20xylophones" in html  # the viewer marks what was searched for
        assert "Searched for" not in text_of(get(filled, "/ui/results", q="humpback whales", mode="text"))

    def test_it_says_which_pages_are_left_out(self, filled: Service) -> None:
        html = text_of(get(filled, "/ui/results", q="whales xylophones -humpback", mode="text"))
        assert "Left out: pages that say humpback. On no other page: " in html
        assert "Left out" not in text_of(get(filled, "/ui/results", q="whales", mode="text"))

    def test_a_word_that_a_page_holds_for_the_one_asked_is_marked(self, filled: Service) -> None:
        html = get(filled, "/ui/results", q="cetaceans")
        assert re.search("<mark>[Ww]hales</mark>", html)
        document_id = filled.ids()[-1]
        assert "<rect" in get(filled, f"/documents/{document_id}/pages/2", q="cetaceans")
        assert "<rect" not in get(filled, f"/documents/{document_id}/pages/2", q="dolphins")

    def test_the_address_shows_them_again(self, filled: Service) -> None:
        response = filled.client.get("/ui/results", params={"q": "fares & passes", "mode": "text"})
        address = response.headers["hx-push-url"]
        assert address.startswith("/?")
        assert "fares &amp; passes" in filled.client.get(address).text

    def test_the_best_are_said_to_be_only_the_best(self, service: Service, tmp_path: Path) -> None:
        service.index(write_report(tmp_path / "long.pdf", 14, "tides"))
        first = get(service, "/ui/results", q="tides")
        assert "The 12 best pages for “tides”" in text_of(first)
        more = re.search(r'hx-get="([^"]+shown=24[^"]*)"', first)
        assert more
        whole = get(service, unescape(more[1]))
        assert "14 pages for “tides”" in text_of(whole)
        assert whole.count('class="hit"') == 14
        assert "Show more" not in whole
        assert "14 pages for “tides”" in text_of(get(service, "/", q="tides", shown=24))

    def test_hits_of_a_document_stand_together_where_asked(self, filled: Service) -> None:
        html = get(filled, "/ui/results", q="whales tram", group="document")
        assert sorted(re.findall(r'<h2 id="group-\d" title="([^"]+)"', html)) == [
            "Zürich tram.pdf",
            "whales.pdf",
        ]
        assert "<h2" not in get(filled, "/ui/results", q="whales tram")

    def test_a_long_question_is_repeated_in_part(self, filled: Service) -> None:
        question = "whales and " * 100
        html = get(filled, "/ui/results", q=question)
        [title] = re.findall(r'data-title="([^"]+)"', html)
        assert len(unescape(title)) < 130 and "…" in title

    def test_a_title_stands_beside_the_name(self, service: Service, tmp_path: Path) -> None:
        info = {"Title": "Tides and pilots"}
        service.index(write_titled(tmp_path / "379f44022b.pdf", ["Tides"], info))
        assert "379f44022b.pdf page 1 Tides and pilots" in text_of(get(service, "/ui/results", q="tides"))

    def test_an_image_is_searched_by(self, filled: Service) -> None:
        page = filled.client.get(f"/v1/documents/{filled.ids()[-1]}/pages/2/image").content
        fields = {"mode": "visual", "document": filled.ids()[-1], "group": "document"}
        sent = {"image": ("a slide.webp", page, "image/webp")}
        response = filled.client.post("/ui/results/image", files=sent, data=fields, headers=FRAGMENT)
        assert "3 pages like a slide.webp" in text_of(response.text)
        assert "tram.pdf" not in response.text and "<h2" in response.text
        assert "hx-push-url" not in response.headers

    @pytest.mark.parametrize(
        ("sent", "code"), [(b"no image", "not_an_image"), (b"x" * 2**21, "not_an_image"), (None, "bad_input")]
    )
    def test_what_is_no_image_is_said_kindly(self, filled: Service, sent: bytes | None, code: str) -> None:
        parts = {"image": ("a.png" if sent else "", sent or b"")}
        response = filled.client.post("/ui/results/image", files=parts, headers=FRAGMENT)
        assert f'data-code="{code}"' in response.text

    def test_a_bad_field_beside_an_image_is_said_kindly(self, filled: Service) -> None:
        page = filled.client.get(f"/v1/documents/{filled.ids()[-1]}/pages/2/image").content
        sent = {"image": ("a.webp", page)}
        response = filled.client.post(
            "/ui/results/image", files=sent, data={"shown": "1000"}, headers=FRAGMENT
        )
        assert response.status_code == 422 and "shown" in response.text

    def test_nothing_found_suggests_what_to_do(self, filled: Service) -> None:
        html = text_of(get(filled, "/ui/results", q="xylophone", mode="text", document=filled.ids()[0]))
        assert "No matching pages" in html
        assert "Search all documents" in html
        assert "Hybrid" in html

    def test_an_empty_library_is_said_to_be_empty(self, service: Service) -> None:
        assert "Add a PDF first" in text_of(get(service, "/ui/results", q="whales"))

    def test_the_database_is_asked_where_others_need_not_wait(
        self, filled: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked_in: list[str] = []
        page = Catalogue.page

        def noted(catalogue: Catalogue, *told: Any, **named: Any) -> list[Document]:
            with suppress(RuntimeError):
                asyncio.get_running_loop()
                asked_in.append("the loop that answers everybody")
            return page(catalogue, *told, **named)

        monkeypatch.setattr(Catalogue, "page", noted)
        for address in ("/", "/ui/results", "/ui/library", "/ui/intro", "/ui/choices"):
            get(filled, address, q="whales")
        assert asked_in == []

    @pytest.mark.parametrize("params", [{"q": "  "}, {"q": "x" * 2_001}, {"q": "x", "mode": "psychic"}])
    def test_a_bad_question_is_answered_kindly(self, filled: Service, params: dict[str, str]) -> None:
        response = filled.client.get("/ui/results", params=params, headers=FRAGMENT)
        assert response.status_code == 422
        assert '<div class="problem" data-code="bad_input">' in response.text

    def test_html_in_a_question_stays_text(self, filled: Service) -> None:
        assert "<img src=x" not in get(filled, "/", q="<img src=x onerror=alert(1)>")


def test_warnings_and_parents_are_shown(
    settings: Settings, start: Callable[..., Service], tmp_path: Path
) -> None:
    settings.ingest.index_attachments = True
    service = start()
    tender = write_pdf(tmp_path / "tender.pdf", ["Tender"]).read_bytes()
    service.index(attach(write_pdf(tmp_path / "cover.pdf", ["Cover"]), {"tender.pdf": tender}))
    service.index(write_xfa(tmp_path / "form.pdf"))
    documents = {each["name"]: each for each in service.client.get("/v1/documents").json()["documents"]}
    assert [each["code"] for each in documents["form.pdf"]["warnings"]] == ["xfa_form"]
    cover = documents["cover.pdf"]
    parent = documents["tender.pdf"]["parent"]
    assert (parent["document_id"], parent["name"]) == (cover["document_id"], "cover.pdf")
    assert (cover["parent"], cover["warnings"]) == (None, [])
    page = text_of(get(service, "/ui/library"))
    assert "Attached to cover.pdf" in page and "This is a dynamic XFA form" in page


class TestSimilarPages:
    def test_each_hit_leads_to_pages_like_it(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        html = get(filled, "/ui/results", q="humpback whales", mode="text")
        assert f'href="/?like={whales}-2" hx-get="/ui/results?like={whales}-2"' in html
        similar = get(filled, "/ui/results", like=f"{whales}-2")
        assert "4 pages like page 2 of whales.pdf" in text_of(similar)
        assert f'href="/documents/{whales}/pages/2"' not in similar
        assert "4 pages like page 2 of whales.pdf" in text_of(get(filled, "/", like=f"{whales}-2"))
        assert f'href="/?like={whales}-2"' in get(filled, f"/documents/{whales}/pages/2")

    def test_a_page_that_is_not_there_is_said_kindly(self, filled: Service) -> None:
        response = filled.client.get("/ui/results", params={"like": f"{UNKNOWN_ID}-1"}, headers=FRAGMENT)
        assert response.status_code == 404 and 'data-code="not_found"' in response.text
        assert filled.client.get("/ui/results", params={"like": "x"}).status_code == 422


class TestViewer:
    def test_a_page_is_called_what_is_printed_on_it(self, service: Service, tmp_path: Path) -> None:
        labels = {0: {"S": Name.r}, 2: {"S": Name.D}}
        document_id = service.index(write_labelled(tmp_path / "a.pdf", ["Tides", "Pilots", "Buoys"], labels))
        assert "Page ii, 2 of 3" in text_of(get(service, f"/documents/{document_id}/pages/2"))
        assert "page ii (2)" in text_of(get(service, "/ui/results", q="pilots", mode="text"))

    def test_a_page_leads_to_its_neighbours_and_its_pdf(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        html = get(filled, f"/ui/pages/{whales}/2", q="whales")
        assert f'hx-get="/ui/pages/{whales}/1?q=whales"' in html
        assert f'hx-get="/ui/pages/{whales}/3?q=whales"' in html
        assert f"/v1/documents/{whales}/file#page=2" in html
        assert "Humpback whales sing for hours;" in html

    def test_the_first_has_none_before_and_the_last_none_after(self, filled: Service) -> None:
        whales = filled.ids()[-1]
        assert 'aria-label="Previous page"' not in get(filled, f"/ui/pages/{whales}/1")
        assert 'aria-label="Next page"' not in get(filled, f"/ui/pages/{whales}/3")

    def test_a_page_is_gone_to_by_its_label_or_number(self, service: Service, tmp_path: Path) -> None:
        labels = {0: {"S": Name.r}, 2: {"S": Name.D}}
        document_id = service.index(write_labelled(tmp_path / "a.pdf", ["Tides", "Pilots", "Buoys"], labels))
        for typed, number in (("ii", 2), ("1", 3), ("3", 3), ("", 1)):
            response = service.client.get(
                f"/documents/{document_id}", params={"page": typed, "q": "a b"}, follow_redirects=False
            )
            assert response.headers["location"] == f"/documents/{document_id}/pages/{number}?q=a+b"
        assert "Page ii, 2 of 3" in text_of(get(service, f"/ui/pages/{document_id}", page="ii"))
        unknown = service.client.get(f"/ui/pages/{document_id}?page=iv", headers=FRAGMENT)
        assert unknown.status_code == 404 and "Enter a page from 1 to 3." in unknown.text

    def test_it_has_an_address_of_its_own(self, filled: Service) -> None:
        html = get(filled, f"/documents/{filled.ids()[-1]}/pages/2", q="whales")
        assert "<title>whales.pdf, page 2" in html
        assert len(re.findall("<h1", html)) == 1
        assert "hx-get" not in html
        assert 'href="/?q=whales"' in html

    @pytest.mark.parametrize("number", [0, 4])
    def test_a_page_that_is_not_there(self, filled: Service, number: int) -> None:
        response = filled.client.get(f"/documents/{filled.ids()[-1]}/pages/{number}")
        assert response.status_code == 404
        assert "<title>" in response.text
        assert "has 3 pages" in text_of(response.text)

    def test_a_page_that_could_not_be_shown_says_why(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_with_missing_page(tmp_path / "gap.pdf"))
        [error] = service.client.get(f"/v1/documents/{document_id}").json()["page_errors"]
        html = get(service, f"/ui/pages/{document_id}/{error['page_number']}")
        assert error["message"] in text_of(html)
        assert "1 page could not be indexed" in text_of(get(service, "/ui/library"))

    def test_words_read_from_pixels_are_marked_as_such(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_pdf(tmp_path / "scan.pdf", [""]))
        html = get(service, f"/ui/pages/{document_id}/1")
        assert "read from the image" in text_of(html)
        assert re.search(r'<details class="words" open>', html)

    def test_a_word_to_leave_out_is_not_marked(self, filled: Service) -> None:
        page = f"/ui/pages/{filled.ids()[-1]}/2"
        assert "<rect" in get(filled, page, q="humpback")
        assert "<rect" not in get(filled, page, q="zebras -humpback")

    def test_the_words_of_the_question_stand_above_the_page(self, filled: Service) -> None:
        html = get(filled, f"/ui/pages/{filled.ids()[-1]}/2", q="Do <Humpback> whales sing zygomorphic?")
        assert chips(html) == {
            "Humpback": "1 match",
            "whales": "1 match",
            "sing": "1 match",
            "zygomorphic": "Not on this page",
        }
        assert '<s>zygomorphic</s><span class="unseen">: Not on this page' in html

    def test_each_mark_says_which_of_them_it_answers(self, filled: Service) -> None:
        html = get(filled, f"/ui/pages/{filled.ids()[-1]}/2", q="humpback songs")
        assert sorted(re.findall(r'<rect [^>]*data-word="([^"]*)"', html)) == ["humpback", "songs", "songs"]
        assert re.findall(r'data-words="([^"]*)"', html) == ["humpback", "songs"]

    def test_a_related_word_answers_the_one_asked(self, filled: Service) -> None:
        html = get(filled, f"/ui/pages/{filled.ids()[-1]}/2", q="cetaceans")
        assert chips(html) == {"cetaceans": "1 match"}
        assert 'data-word="cetaceans"' in html

    def test_matches_are_counted(self, filled: Service) -> None:
        html = get(filled, f"/ui/pages/{filled.ids()[-1]}/2", q="songs")
        assert chips(html) == {"songs": "2 matches"}

    @pytest.mark.parametrize("below", ["", "/collections/default"])
    def test_the_heat_map_has_an_address_of_the_api(self, filled: Service, below: str) -> None:
        page = f"{filled.ids()[-1]}/pages/2"
        html = get(filled, f"{below}/documents/{page}", q="why “sing” & dive?")
        address = unescape(re.findall(r'data-heatmap="([^"]*)"', html)[0])
        assert address.startswith(f"/v1{below}/documents/{page}/heatmap?")
        assert filled.client.get(address).headers["content-type"] == "image/webp"
        assert "<img" in html and 'src="/v1' in html
        assert html.count("/heatmap") == 1  # loaded only when it is asked for

    def test_without_a_question_there_is_nothing_to_explain(self, filled: Service) -> None:
        for query in ("", "?!"):
            html = get(filled, f"/ui/pages/{filled.ids()[-1]}/2", q=query)
            assert "heatmap" not in html
            assert 'class="asked"' not in html

    def test_words_that_are_but_a_guess_are_not_shown(self, service: Service, tmp_path: Path) -> None:
        page = PageRef(service.index(write_pdf(tmp_path / "scan.pdf", [""])), 1)
        objects = service.client.app_state["services"].opened.library().objects
        words = [Word(text, Box(0, 0, 1, 1), chance) for text, chance in (("krill", 0.9), ("~|vv", 0.1))]
        objects.put_page_words(page, PageWords(read=tuple(words)))
        html = text_of(get(service, f"/ui/pages/{page.document_id}/1"))
        assert "krill" in html and "~|vv" not in html
        assert "could not be read" not in html

    def test_a_page_that_is_mostly_guessed_says_so(self, service: Service, tmp_path: Path) -> None:
        page = PageRef(service.index(write_pdf(tmp_path / "letter.pdf", [""])), 1)
        objects = service.client.app_state["services"].opened.library().objects
        guessed = [Word("vvriting", Box(0.1, 0.04 * n, 0.4, 0.04 * n + 0.02), 0.1) for n in range(20)]
        objects.put_page_words(page, PageWords(read=tuple(guessed)))
        assert "Much of this page could not be read" in text_of(
            get(service, f"/ui/pages/{page.document_id}/1")
        )
        text = service.client.get(f"/v1/documents/{page.document_id}/pages/1/text").json()
        assert text["readability"] == pytest.approx(0.1)


class TestDamage:
    """Words that cannot be read any more cost what they would have shown, and nothing else."""

    @pytest.fixture
    def damaged(self, service: Service, settings: Settings, tmp_path: Path) -> str:
        document_id = service.index(write_pdf(tmp_path / "whales.pdf", ["Songs of the whales"]))
        [words] = settings.index.data_dir.rglob(f"{document_id}/pages/1.json")
        words.write_bytes(b"no words")
        return document_id

    def test_other_hits_are_shown(self, service: Service, damaged: str) -> None:
        assert f"/v1/documents/{damaged}/pages/1/image" in get(service, "/ui/results", q="whales")

    def test_the_page_is_shown(self, service: Service, damaged: str) -> None:
        assert f"/v1/documents/{damaged}/pages/1/image" in get(service, f"/ui/pages/{damaged}/1")

    def test_there_is_a_page_to_begin_with(self, service: Service, damaged: str) -> None:
        assert damaged in get(service, "/")


def listed(html: str) -> list[str]:
    return re.findall(r'aria-label="Select (\w+).pdf"', html)


def turned(html: str, way: str) -> str:
    """Where the link to the next or the previous page of the list leads."""
    [address] = re.findall(rf'rel="{way}" href="[^"]+" hx-get="([^"]+)"', html)
    return unescape(address)


class TestLibrary:
    def test_it_asks_again_only_while_a_document_is_under_way(
        self, start: Callable[..., Service], tmp_path: Path
    ) -> None:
        gate = Event()
        service = start(TinyEmbedder(on_batch=lambda _: gate.wait()))
        upload = files(write_report(tmp_path / "report.pdf", 2))
        html = service.client.post("/ui/documents", files=upload, headers=FRAGMENT).text
        assert 'hx-trigger="every 1s"' in html
        assert "0 of 2 pages" in html
        assert "Indexing your first documents" in get(service, "/ui/intro")

        gate.set()
        [document_id] = service.ids()
        service.settled(document_id)
        response = service.client.get("/ui/library?indexed=0", headers=FRAGMENT)
        assert "every 1s" not in response.text
        assert "Ready" in response.text
        assert json.loads(response.headers["hx-trigger"]) == {"library-changed": ""}
        assert "hx-trigger" not in service.client.get("/ui/library?indexed=1").headers

    def test_each_refused_file_is_explained(self, service: Service, tmp_path: Path) -> None:
        good, bad = write_report(tmp_path / "good.pdf", 1), tmp_path / "bad.pdf"
        bad.write_bytes(b"no pdf")
        html = service.client.post("/ui/documents", files=files(good, bad), headers=FRAGMENT).text
        assert "good.pdf" in html
        assert 'data-code="not_accepted"' in html
        assert "bad.pdf is not a supported file type (PDF, PNG" in text_of(html)

    def test_a_locked_file_is_unlocked_by_its_password(self, service: Service, tmp_path: Path) -> None:
        locked = write_encrypted(tmp_path / "locked.pdf", user_password="sesame")
        html = service.client.post("/ui/documents", files=files(locked), headers=FRAGMENT).text
        assert '<form class="unlock" data-name="locked.pdf"' in html and "qpdf" not in html
        sent = files(locked)
        again = service.client.post(
            "/ui/documents", files=sent, data={"password": "sesame"}, headers=FRAGMENT
        )
        assert "unlock" not in again.text
        assert service.settled(service.ids()[0])["state"] == "indexed"

    def test_a_known_file_is_said_to_be_known(self, service: Service, tmp_path: Path) -> None:
        path = write_report(tmp_path / "first.pdf", 1)
        service.index(path)
        again = files(path.rename(tmp_path / "second.pdf"))
        html = service.client.post("/ui/documents", files=again, headers=FRAGMENT).text
        assert "second.pdf is already indexed, also known as first.pdf" in text_of(html)

    def test_nothing_chosen_is_answered_kindly(self, service: Service) -> None:
        response = service.client.post("/ui/documents", files={"files": ("", b"")}, headers=FRAGMENT)
        assert response.status_code == 422
        assert "contains no files" in response.text

    def test_a_deleted_document_is_gone_from_the_list(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_report(tmp_path / "report.pdf", 1))
        response = service.client.delete(f"/ui/documents/{document_id}", headers=FRAGMENT)
        assert "report.pdf" not in response.text
        assert json.loads(response.headers["hx-trigger"])["document-deleted"] == {"ids": [document_id]}
        assert document_id not in get(service, "/ui/choices")

    def test_deleting_what_is_not_there(self, service: Service) -> None:
        response = service.client.delete(f"/ui/documents/{UNKNOWN_ID}", headers=FRAGMENT)
        assert response.status_code == 404
        assert 'data-code="not_found"' in response.text

    def test_what_can_be_searched_is_not_forgotten_behind_what_is_under_way(
        self, start: Callable[..., Service], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "app.ui.endpoints.library_view", partial(library_view, limit=1)
        )  # a list so short
        gate = Gate()
        gate.opened.set()
        service = start(TinyEmbedder(on_batch=gate))
        service.index(write_pdf(tmp_path / "older.pdf", ["Songs of the whales"]))
        gate.opened.clear()
        service.upload(write_report(tmp_path / "newer.pdf", 1))
        intro, results = get(service, "/ui/intro"), get(service, "/ui/results", q="xylophone", mode="text")
        gate.opened.set()
        assert "Indexing your first documents" not in intro
        assert "No matching pages" in results

    def test_the_next_page_of_the_list_is_one_step_away(self, service: Service, tmp_path: Path) -> None:
        for name in ("older", "newer"):
            service.upload(write_report(tmp_path / f"{name}.pdf", 1, topic=name))
        first = get(service, "/ui/library", limit=1)
        assert "newer.pdf" in first and "2 documents" in text_of(first)
        assert "older.pdf" not in first
        address = turned(first, "next")
        last = get(service, address)
        assert "older.pdf" in last and "newer.pdf" not in last
        assert 'rel="next"' not in last and 'rel="prev"' in last and 'rel="prev"' not in first
        service.client.delete(f"/v1/documents/{service.ids()[1]}")
        assert "newer.pdf" in get(service, address)  # nothing is left of that page

    def test_and_so_is_the_one_before(self, service: Service, tmp_path: Path) -> None:
        ids = [service.index(write_report(tmp_path / f"{name}.pdf", 1, topic=name)) for name in "abcd"]
        page = get(service, "/ui/library", limit=1)
        for _ in "cba":
            page = get(service, f"{turned(page, 'next')}&limit=1")
        assert listed(page) == ["a"]
        service.client.delete(f"/v1/documents/{ids[1]}")
        page = get(service, f"{turned(page, 'prev')}&limit=1")
        assert listed(page) == ["c"] and listed(get(service, f"{turned(page, 'next')}&limit=1")) == ["a"]
        first = get(service, f"{turned(page, 'prev')}&limit=1")
        assert listed(first) == ["d"] and 'rel="prev"' not in first

    def test_it_shows_those_of_one_state_and_stays_so_in_the_address(
        self, service: Service, tmp_path: Path
    ) -> None:
        service.index(write_report(tmp_path / "a.pdf", 1))
        assert listed(get(service, "/ui/library", state="ready", order="name")) == ["a"]
        assert "No document is in this state." in get(service, "/ui/library", state="failed")
        assert "No document in this state has this name." in get(
            service, "/ui/library", state="cancelled", name="a"
        )
        assert service.client.get("/ui/library?state=lost").status_code == 422
        asked = {"state": "ready", "name": "a", "order": "name", "list_filter": '{"page_count": 1}'}
        shown = {"HX-Current-URL": "http://testserver/?q=tides&state=failed&before=x"}
        answer = service.client.get("/ui/library", params=asked, headers={**FRAGMENT, **shown})
        address = answer.headers["hx-replace-url"]
        assert dict(httpx.URL(address).params) == {"q": "tides", **asked}
        page = get(service, address)
        assert '<option value="ready" selected>' in page and '<option value="name" selected>' in page
        assert listed(page) == ["a"] and 'value="tides"' in page

    def test_a_search_leaves_the_list_in_the_address(self, filled: Service) -> None:
        shown = {"HX-Current-URL": "http://testserver/?q=whales&state=ready&shown=24"}
        answer = filled.client.get("/ui/results", params={"q": "tram"}, headers={**FRAGMENT, **shown})
        assert answer.headers["hx-push-url"] == "/?q=tram&state=ready"

    @pytest.mark.parametrize(
        ("path", "query"), [("/", "?indexed=0"), ("/documents/0/pages/1", ""), ("/collections/default/", "")]
    )
    def test_nothing_but_a_choice_in_the_same_list_changes_the_address(
        self, filled: Service, path: str, query: str
    ) -> None:
        shown = {"HX-Current-URL": f"http://testserver{path}"}
        answer = filled.client.get(f"/ui/library{query}", headers={**FRAGMENT, **shown})
        assert answer.status_code == 200 and "hx-replace-url" not in answer.headers

    def test_a_list_of_one_state_is_asked_for_again_until_it_is_settled(
        self, start: Callable[..., Service], tmp_path: Path
    ) -> None:
        gate = Event()
        service = start(TinyEmbedder(on_batch=lambda _: gate.wait()))
        upload = service.upload(write_report(tmp_path / "a.pdf", 1)).json()["uploads"][0]["document"]
        under_way, ready = [get(service, "/ui/library", state=each) for each in ("in_progress", "ready")]
        gate.set()
        service.settled(upload["document_id"])
        assert listed(under_way) == ["a"] and listed(ready) == [] and "every 1s" in ready
        assert "every 1s" not in get(service, "/ui/library", state="failed")

    def test_it_is_searched_and_sorted(self, service: Service, tmp_path: Path) -> None:
        for name, title in (("b", "Tides"), ("a", "Pilots"), ("c", "Tides and buoys")):
            service.index(write_titled(tmp_path / f"{name}.pdf", [name], {"Title": title}))

        def names(**asked: str) -> list[str]:
            return re.findall(r'aria-label="Select (\w).pdf"', get(service, "/ui/library", **asked))

        assert names() == ["c", "a", "b"]
        assert names(order="oldest") == ["b", "a", "c"]
        assert names(order="name") == ["a", "b", "c"]
        assert names(name="TIDES", order="name") == ["b", "c"]
        found = get(service, "/ui/library", name="tides")
        assert "2 of 3 documents" in text_of(found)
        assert "No document has this name." in get(service, "/ui/library", name="krill")
        assert service.client.get("/ui/library?order=size").status_code == 422

    def test_several_are_deleted_at_once(self, service: Service, tmp_path: Path) -> None:
        ids = [service.index(write_report(tmp_path / f"{name}.pdf", 1, topic=name)) for name in "abc"]
        response = service.client.post(
            "/ui/deletions?order=name", data={"ids": [*ids[:2], UNKNOWN_ID]}, headers=FRAGMENT
        )
        assert "c.pdf" in response.text and "a.pdf" not in response.text
        assert "order=name" in response.text
        assert json.loads(response.headers["hx-trigger"])["document-deleted"]["ids"][:2] == ids[:2]
        assert service.ids() == ids[2:]

    @pytest.mark.parametrize("ids", [[], ["../x"]])
    def test_nothing_that_could_be_deleted_is_answered_kindly(self, service: Service, ids: list[str]) -> None:
        response = service.client.post("/ui/deletions", data={"ids": ids}, headers=FRAGMENT)
        assert response.status_code == 422 and 'data-code="bad_input"' in response.text

    def test_a_document_is_renamed(self, service: Service, tmp_path: Path) -> None:
        document_id = service.index(write_report(tmp_path / "a.pdf", 1))
        address = f"/ui/documents/{document_id}"
        response = service.client.patch(address, data={"new_name": "b.pdf"}, headers=FRAGMENT)
        assert "b.pdf" in response.text
        assert service.client.get(f"/v1/documents/{document_id}").json()["name"] == "b.pdf"
        refused = service.client.patch(address, data={"new_name": " "}, headers=FRAGMENT)
        assert refused.status_code == 422 and "No name was entered." in refused.text

    def test_what_is_not_listed_can_be_chosen_all_the_same(
        self, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old, new = [service.index(write_report(tmp_path / f"{name}.pdf", 1, name)) for name in ("a", "b")]
        monkeypatch.setattr("app.ui.endpoints._CHOICES", 1)
        page = get(service, "/", document=old)
        assert re.search(rf'<option value="{old}" selected>a.pdf', page)
        assert f'<option value="{new}"' in page
        assert "The 1 oldest are not listed" in page

    def test_a_document_that_failed_says_why(self, start: Callable[..., Service], tmp_path: Path) -> None:
        def refuse(_: object) -> None:
            raise ValueError("out of luck")

        service = start(TinyEmbedder(on_batch=refuse))
        path = write_report(tmp_path / "report.pdf", 1)
        document_id = service.upload(path).json()["uploads"][0]["document"]["document_id"]
        assert service.settled(document_id)["state"] == "failed"
        assert "out of luck" in text_of(get(service, "/ui/library"))
        assert "out of luck" in text_of(get(service, f"/ui/pages/{document_id}/1"))


class TestFilters:
    YEAR = '{"year": {"$gte": 2021}}'

    def test_results_are_narrowed_and_the_filter_stays_in_the_address(self, filled: Service) -> None:
        response = filled.client.get(
            "/ui/results", params={"q": "tram", "filter": self.YEAR}, headers=FRAGMENT
        )
        assert "whales.pdf" in response.text and "Zürich" not in response.text
        pushed = response.headers["hx-push-url"]
        page = unescape(get(filled, pushed))
        assert f'value="{self.YEAR}"' in page
        assert "whales.pdf" in page

    def test_what_was_found_is_narrowed_by_the_values_of_metadata(self, filled: Service) -> None:
        page = unescape(get(filled, "/ui/results", q="pages", group="document"))
        assert "Narrow by" in page
        choices = re.findall(r'<a class="chip" href="([^"]+)">(\S+) <span class="of">(\d+)', page)
        assert [value for _, value, _ in choices] == ["sea", "song"]  # of years there is but one
        address, _, pages = choices[1]
        narrowed = unescape(get(filled, address))
        assert narrowed.count('<li class="hit"') == int(pages)
        shown = text_of(get(filled, f"/ui/results{address.removeprefix('/')}"))
        assert "Zürich" not in shown and "Search without the filter" in shown
        assert json.loads(httpx.URL(address).params["filter"]) == {"topics": {"$eq": "song"}}

    def test_a_choice_is_added_to_the_filter_that_there_is(self, filled: Service) -> None:
        page = unescape(get(filled, "/ui/results", q="pages", filter='{"page_count": {"$lt": 100}}'))
        addresses = re.findall(r'<a class="chip" href="([^"]+)">', page)
        filters = [json.loads(httpx.URL(each).params["filter"]) for each in addresses]
        assert filters and all({"page_count": {"$lt": 100}} in each["$and"] for each in filters)

    @pytest.mark.parametrize("path", ["/", "/ui/results"])
    def test_a_bad_filter_is_explained_in_place_of_results(self, filled: Service, path: str) -> None:
        page = get(filled, path, q="tram", filter='{"year": {"$gt": "x"}}')
        assert 'data-code="bad_filter"' in page and "filter.year.$gt" in page
        assert 'class="hits"' not in page

    def test_the_list_is_narrowed(self, filled: Service) -> None:
        assert "Zürich" not in text_of(get(filled, "/ui/library", list_filter=self.YEAR))
        assert "whales.pdf" in text_of(get(filled, "/ui/library", list_filter=self.YEAR))
        nothing = text_of(get(filled, "/ui/library", list_filter='{"year": 1}'))
        assert "No document passes the filter." in nothing

    def test_what_is_done_to_a_narrowed_list_leaves_it_narrowed(self, filled: Service) -> None:
        page = unescape(get(filled, "/ui/library", list_filter=self.YEAR, limit=1))
        [address] = re.findall(r'hx-delete="([^"]+)"', page)
        assert httpx.URL(address).params["list_filter"] == self.YEAR

    @pytest.mark.parametrize("filter", ["{", '{"page_number": 1}'])
    def test_a_bad_filter_is_explained_in_place_of_the_list(self, filled: Service, filter: str) -> None:
        page = get(filled, "/ui/library", list_filter=filter)
        assert 'data-code="bad_filter"' in page and 'class="documents"' not in page

    def test_the_list_shows_what_is_known_of_a_document(self, filled: Service) -> None:
        assert "year 2021 topics sea, song" in text_of(get(filled, "/ui/library"))

    def test_an_upload_shows_the_whole_list_again(self, service: Service, tmp_path: Path) -> None:
        report = write_report(tmp_path / "a.pdf", 1)
        answer = service.client.post("/ui/documents", files=files(report), headers=FRAGMENT).text
        assert "a.pdf" in answer
        assert re.search(r'<form id="list-filter"[^>]* hx-swap-oob="true"', answer)

"""What people say of results in the web UI, with and without JavaScript."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.service import create_app
from tests.app.conftest import WHALES, settings_in
from tests.app.talking import Service
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.settings import FeedbackSettings, JobSettings

HTMX = {"HX-Request": "true"}
ASKED = {"q": "humpback whales sing"}


@pytest.fixture(scope="module")
def whales(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("whales")
    settings = settings_in(folder)
    index_into(settings, [write_pdf(folder / "whales.pdf", WHALES)])
    with TestClient(
        create_app(settings.model_copy(update={"jobs": JobSettings(worker=False)}), tiny_models())
    ) as client:
        yield Service(client)


def fields_of(html: str) -> dict[str, str]:
    """The hidden fields of a form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


def forms_in(html: str) -> list[str]:
    return re.findall(r'<form class="judge".*?</form>', html, re.DOTALL)


def hit_form(service: Service) -> dict[str, str]:
    return fields_of(forms_in(service.client.get("/ui/results", params=ASKED).text)[0])


def pressed(html: str) -> list[str]:
    return re.findall(r'value="(\w+)" aria-pressed="true"', html)


def kinds(service: Service, search_id: str) -> list[str]:
    lines = service.client.get("/v1/feedback/export", params={"search_id": search_id}).text.splitlines()
    return [each["kind"] for line in lines for each in json.loads(line)["feedback"]]


def test_every_result_can_be_judged_and_all_of_them_together(whales: Service) -> None:
    html = whales.client.get("/ui/results", params=ASKED).text
    *of_hits, of_all = forms_in(html)
    assert len(of_hits) == html.count('<li class="hit"') == 3
    assert all("Right page" in form and "Not this one" in form for form in of_hits)
    assert "None of these answers" in of_all
    assert len({fields_of(form)["search_id"] for form in (*of_hits, of_all)}) == 1


def test_a_judgement_is_kept_changed_and_taken_back(whales: Service) -> None:
    fields = hit_form(whales)
    for kind, expected in (("right", ["right"]), ("wrong", ["wrong"]), ("wrong", [])):
        answer = whales.client.post("/ui/feedback", data={**fields, "kind": kind}, headers=HTMX)
        assert answer.status_code == 200
        assert pressed(answer.text) == kinds(whales, fields["search_id"]) == expected
        fields = fields_of(answer.text)


def test_taking_back_what_is_gone_changes_nothing(whales: Service) -> None:
    fields = {**hit_form(whales), "kind": "right", "said": "right"}
    answer = whales.client.post("/ui/feedback", data=fields, headers=HTMX)
    assert pressed(answer.text) == []


def test_without_javascript_there_is_a_page_with_a_way_back(whales: Service) -> None:
    fields = {**hit_form(whales), "kind": "right"}
    page = whales.client.post("/ui/feedback", data=fields).text
    assert "<h1>Thank you</h1>" in page
    assert 'href="/?q=humpback+whales+sing"' in page
    taken_back = whales.client.post("/ui/feedback", data={**fields_of(page), "kind": "right"}).text
    assert "<h1>Taken back</h1>" in taken_back
    assert kinds(whales, fields["search_id"]) == []


def test_the_way_back_leads_nowhere_else(whales: Service) -> None:
    fields = {**hit_form(whales), "kind": "right", "back": '//evil.example/"><script>&q=x'}
    page = whales.client.post("/ui/feedback", data=fields).text
    assert "evil" not in page.replace("%2F%2Fevil", "")
    assert 'href="/?q=x"' in page


def test_what_is_done_with_a_page_is_noted_in_silence(whales: Service) -> None:
    told = {name: hit_form(whales)[name] for name in ("search_id", "document_id", "page_number")}
    for kind, more in (("opened", {}), ("copied", {}), ("dwelt", {"dwelt_ms": "1500"})):
        answer = whales.client.post("/ui/feedback", data={**told, **more, "kind": kind, "reporter": "r1"})
        assert (answer.status_code, answer.text) == (204, "")
    assert kinds(whales, told["search_id"]) == ["opened", "copied", "dwelt"]


def test_the_viewer_knows_the_search_and_its_address_does_not(whales: Service) -> None:
    html = whales.client.get("/ui/results", params=ASKED).text
    fragment = re.findall(r'hx-get="(/ui/pages/[^"]*)"', html)[0].replace("&amp;", "&")
    page = whales.client.get(fragment).text
    search_id = fields_of(page)["search_id"]
    assert f'data-search="{search_id}"' in page
    addresses = re.findall(r'(?:href|data-address|data-copy)="([^"]*)"', page)
    assert not [address for address in addresses if search_id in address]
    assert len(re.findall(rf'hx-get="/ui/pages/[^"]*search={search_id}"', page)) >= 1


def test_a_page_that_was_turned_to_is_the_one_that_should_have_been_found(whales: Service) -> None:
    found = whales.client.post("/v1/search", json={"query": ASKED["q"], "limit": 1}).json()
    document_id, shown = found["hits"][0]["document"]["document_id"], found["hits"][0]["page_number"]
    other = min({1, 2, 3} - {shown})
    address = f"/ui/pages/{document_id}/{other}"
    fields = fields_of(whales.client.get(address, params={"search": found["search_id"]}).text)
    for expected in (["expected"], []):
        form = forms_in(
            whales.client.post("/ui/feedback", data={**fields, "kind": "right"}, headers=HTMX).text
        )[0]
        assert kinds(whales, found["search_id"]) == expected
        fields = fields_of(form)


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"search_id": "0" * 32}, 404),
        ({"document_id": "0" * 64}, 404),
        ({"document_id": "x"}, 422),
        ({"page_number": "99"}, 404),
        ({"kind": "nothing"}, 422),
        ({"kind": "liked"}, 422),
        ({"dwelt_ms": "5"}, 422),
    ],
)
def test_what_is_gone_or_wrong_is_explained(whales: Service, changed: dict[str, Any], status: int) -> None:
    fields = {**hit_form(whales), "kind": "right", **changed}
    answer = whales.client.post("/ui/feedback", data=fields, headers=HTMX)
    assert answer.status_code == status
    assert "<strong>" in answer.text or 'class="problem"' in answer.text
    assert kinds(whales, fields["search_id"]) == []


def test_another_website_cannot_vote(whales: Service) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = whales.client.post("/ui/feedback", data={**hit_form(whales), "kind": "right"}, headers=headers)
    assert answer.status_code == 403


def test_where_nothing_is_kept_nothing_can_be_said(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    index_into(settings, [write_pdf(tmp_path / "whales.pdf", WHALES)])
    nothing = {"jobs": JobSettings(worker=False), "feedback": FeedbackSettings(keep_searches_days=0)}
    with TestClient(create_app(settings.model_copy(update=nothing), tiny_models())) as client:
        html = client.get("/ui/results", params=ASKED).text
    assert '<li class="hit"' in html
    assert "judge" not in html
    assert "data-search" not in html

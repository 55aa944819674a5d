"""Every answer carries security headers; other websites can change nothing."""

import pytest

from tests.app.talking import UNKNOWN_ID, Service, assert_problem


def test_the_page_may_load_from_the_service_alone(filled: Service) -> None:
    policy = filled.client.get("/").headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["img-src"] == rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/", "/v1/documents", "/static/style.css", "/nowhere"])
def test_no_answer_is_guessed_at(filled: Service, path: str) -> None:
    headers = filled.client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_pdf_gets_no_policy_that_a_viewer_would_choke_on(filled: Service) -> None:
    headers = filled.client.get(f"/v1/documents/{filled.ids()[0]}/file").headers
    assert "content-security-policy" not in headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_website_can_change_nothing(filled: Service, site: str) -> None:
    sent = {"Sec-Fetch-Site": site}
    assert_problem(filled.client.post("/v1/documents", headers=sent), 403, "cross_site")
    assert_problem(filled.client.delete(f"/v1/documents/{UNKNOWN_ID}", headers=sent), 403, "cross_site")
    assert filled.client.get("/v1/documents", headers=sent).status_code == 200


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_programs_can(filled: Service, site: str) -> None:
    response = filled.client.post("/v1/search", json={"query": "x"}, headers={"Sec-Fetch-Site": site})
    assert response.status_code == 200

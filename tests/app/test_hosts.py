"""The service answers to names that nobody else can have, and to those that it is told are its own."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.hosts import KnownHosts
from tests.app.talking import Service, assert_problem


def asked_by(host: str, allowed: tuple[str, ...] = ()) -> Any:
    app = FastAPI()
    app.add_middleware(KnownHosts, allowed=allowed)
    app.get("/")(lambda: "yes")
    return TestClient(app).get("/", headers={"host": host})


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST:8000",
        "127.0.0.1:8000",
        "192.168.0.7",
        "[::1]:8000",
        "[fe80::1]",
        "api:8000",  # a service of compose, or a machine in the office
        "vdr.localhost:8000",
        "vdr.default.svc.cluster.local",
        "printer.local.",
    ],
)
def test_addresses_and_private_names_are_known(host: str) -> None:
    assert asked_by(host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.168.0.7.nip.io",
        "notlocal.example",
        "[::1].evil.example",
        "[",
        "docs.example.com@evil.example",
    ],
)
def test_the_name_of_another_website_is_not(host: str) -> None:
    problem = assert_problem(asked_by(host, ("docs.example.com",)), 421, "unknown_host")
    assert "VDR_ALLOWED_HOSTS" in problem["remedy"]


@pytest.mark.parametrize(
    ("allowed", "is_known"),
    [
        ("docs.example.com", True),
        ("Docs.Example.com", True),
        ("*.example.com", True),
        ("*", True),
        ("example.com", False),
        ("*.docs.example.com", False),
        ("ocs.example.com", False),
    ],
)
def test_names_that_are_allowed_are_known(allowed: str, is_known: bool) -> None:
    assert (asked_by("docs.example.com:443", (allowed,)).status_code == 200) is is_known


def test_a_request_without_a_name_is_answered() -> None:
    assert asked_by("").status_code == 200


def test_the_whole_service_is_guarded(filled: Service) -> None:
    for path in ("/", "/v1/documents", "/static/style.css", "/healthz"):
        response = filled.client.get(path, headers={"host": "evil.example"})
        assert_problem(response, 421, "unknown_host")
        assert response.headers["x-content-type-options"] == "nosniff"

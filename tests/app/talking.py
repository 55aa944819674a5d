"""Talks to a service under test in the words of the tests."""

from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from fastapi.testclient import TestClient

_PATIENCE_S = 60.0
_PAUSE_S = 0.02  # without, asking takes the processor from what is waited for
UNKNOWN_ID = "0" * 64


@dataclass(frozen=True)
class Service:
    client: TestClient

    def upload(self, *paths: Path) -> Any:
        return self.client.post("/v1/documents", files=files(*paths))

    def index(self, path: Path) -> str:
        """Upload a PDF and wait until it can be searched; its id."""
        document_id = self.upload(path).json()["uploads"][0]["document"]["document_id"]
        assert self.settled(document_id)["state"] == "indexed"
        return str(document_id)

    def settled(self, document_id: str) -> dict[str, Any]:
        """The document once it is neither waiting nor under way."""
        deadline = monotonic() + _PATIENCE_S
        while monotonic() < deadline:
            document = self.client.get(f"/v1/documents/{document_id}").json()
            if document["state"] in {"indexed", "failed", "cancelled"}:
                return dict(document)
            sleep(_PAUSE_S)
        raise AssertionError(f"still {document['state']} after {_PATIENCE_S} s")

    def ids(self) -> list[str]:
        return [each["document_id"] for each in self.client.get("/v1/documents").json()["documents"]]

    def search(self, query: str, **options: Any) -> list[dict[str, Any]]:
        response = self.client.post("/v1/search", json={"query": query, **options})
        assert response.status_code == 200, response.text
        return list(response.json()["hits"])


def files(*paths: Path) -> list[tuple[str, tuple[str, bytes, str]]]:
    """The files as a form sends them."""
    return [("files", (path.name, path.read_bytes(), "application/pdf")) for path in paths]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The response is a well-formed problem of this kind; returns it."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code
    assert problem["type"] == f"urn:vdr:error:{code}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["remedy"]
    return dict(problem)

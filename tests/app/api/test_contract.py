"""Schemathesis on the OpenAPI description: no 5xx, and no answer that the description does not tell of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import cycle
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from PIL import Image
from schemathesis.specs.openapi.checks import negative_data_rejection

from app.service import create_app
from tests.app.conftest import TRAM, WHALES, settings_in
from tests.fixtures.libraries import index_into, tiny_models
from tests.fixtures.pdfs import write_encrypted, write_pdf, write_report, write_truncated
from vdr.settings import JobSettings

CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 0,
        "generation": {"deterministic": True, "max-examples": 25, "allow-extra-parameters": False},
        # Ids found in answers would be drawn too, and a document that nobody indexes is followed for ever.
        "phases": {"fuzzing": {"extra-data-sources": {"responses": False}}},
        "checks": {
            # A description cannot say all that is asked of a question or a file: not blank, not locked.
            "positive_data_acceptance": {"enabled": False},
            "negative_data_rejection": {"expected-statuses": ["404", "405", "413", "415", "422"]},
        },
    }
)
CONTRACT = schemathesis.openapi.from_dict(
    create_app(settings_in(Path()), tiny_models()).openapi(), config=CONFIG
).exclude(operation_id_regex="_in_collection$")  # the same endpoints again
# What these act on is made for each of their cases, and left by them in whatever state.
CHANGING = {"delete_document", "cancel_document", "retry_document"}
# What is drawn for these would pass no document, or all of those that the others need.
NARROWED = {"delete_documents"}


@dataclass(frozen=True)
class Served:
    """A service without a worker, the documents that are indexed in it, and files to send."""

    app: FastAPI
    document_ids: Sequence[str]
    files: Sequence[bytes]

    def add(self) -> str:
        """Upload a document, which then waits to be indexed; its id."""
        upload = CONTRACT["/v1/documents"]["POST"]
        case = upload.Case(body={"files": [self.files[0]]}, media_type="multipart/form-data")  # type: ignore[list-item]
        return str(case.call(app=self.app).json()["uploads"][0]["document"]["document_id"])

    def create(self, name: str) -> str:
        """Create a collection, unless it is there; its name."""
        case = CONTRACT["/v1/collections"]["POST"].Case(body={"name": name})
        case.call(app=self.app)
        return name

    def give(self) -> dict[str, Any]:
        """Search, and say that nothing answers; the feedback."""
        found = CONTRACT["/v1/search"]["POST"].Case(body={"query": "whales"}).call(app=self.app).json()
        body = {"search_id": found["search_id"], "kind": "nothing"}
        return dict(CONTRACT["/v1/feedback"]["POST"].Case(body=body).call(app=self.app).json())

    def ask(self) -> str:
        """Keep a labelled question; its id."""
        question: Any = {
            "query_id": "q1",
            "query": "krill?",
            "document": self.document_ids[0],
            "page_numbers": [1],
        }
        CONTRACT["/v1/questions"]["POST"].Case(body={"questions": [question]}).call(app=self.app)
        return "q1"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("contract")
    settings = settings_in(folder).model_copy(update={"jobs": JobSettings(worker=False)})
    indexed = [write_pdf(folder / "whales.pdf", WHALES), write_pdf(folder / "Zürich tram.pdf", TRAM)]
    index_into(settings, indexed)
    Image.new("RGB", (90, 60), "navy").save(folder / "chart.png")
    files = [
        write_report(folder / "report.pdf", 1),
        folder / "chart.png",
        write_truncated(folder / "cut.pdf"),
        write_encrypted(folder / "locked.pdf", user_password="x"),
    ]
    return Served(
        create_app(settings, tiny_models()),
        [sha256(path.read_bytes()).hexdigest() for path in indexed],
        [path.read_bytes() for path in files],
    )


@pytest.fixture
def statuses() -> Iterator[set[int]]:
    """The statuses of an operation's answers. One that never succeeds has not been tested."""
    seen = set[int]()
    yield seen
    assert any(200 <= status < 300 for status in seen)


@CONTRACT.parametrize()
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_answer_is_one_that_the_description_tells_of(
    case: schemathesis.Case, served: Served, statuses: set[int]
) -> None:
    # What was drawn as valid stays so, though bytes in a form are no strings to Schemathesis.
    is_valid = case.meta.generation.mode.is_positive
    name_what_is_there(case, served, with_files=is_valid)
    response = case.call(app=served.app)
    statuses.add(response.status_code)
    case.validate_response(response, excluded_checks=[negative_data_rejection] if is_valid else [])


def name_what_is_there(case: schemathesis.Case, served: Served, *, with_files: bool) -> None:
    """Mostly put a document, page or file that there is in the place of one that was drawn."""
    drawn = (case.path_parameters, case.query, case.headers, case.body)
    which = crc32(repr(drawn).encode()) % 4
    operation = case.operation.definition.raw["operationId"]
    if which and "collection" in (case.path_parameters or {}):
        name = served.create(f"made-{which}") if operation == "delete_collection" else "default"
        case.path_parameters = {**case.path_parameters, "collection": name}
    if operation in NARROWED and isinstance(case.body, dict):
        case.body = {**case.body, "filter": {"document_name": "none.pdf"}}
    if which and "document_id" in (case.path_parameters or {}):
        document_id = served.add() if operation in CHANGING else served.document_ids[which % 2]
        case.path_parameters = {**case.path_parameters, "document_id": document_id}
        number = case.path_parameters.get("page_number")
        if isinstance(number, int) and number > 0:
            case.path_parameters["page_number"] = number % 2 + 1  # each document has two pages at least
    if which and with_files:
        name_what_was_said(case, served, operation)
    if which and with_files and case.media_type == "multipart/form-data":
        case.body = {**case.body, **_files(case.body, served.files[which % 2 :])}  # type: ignore[arg-type, dict-item]


def name_what_was_said(case: schemathesis.Case, served: Served, operation: str) -> None:
    """The same for searches, feedback and labelled questions."""
    body: dict[str, Any] = case.body if isinstance(case.body, dict) else {}
    if operation == "give_feedback" and "search_id" in body:
        page = {"document_id": served.document_ids[0], "page_number": 1}
        said: Any = {"kind": "expected", "page": page} if body.get("page") else {"kind": "nothing"}
        case.body = {**body, **said, "search_id": served.give()["search_id"], "dwelt_ms": None}
    if operation == "undo_feedback":
        case.path_parameters = {**case.path_parameters, "feedback_id": served.give()["feedback_id"]}
    if operation == "delete_question":
        case.query = {"query_id": served.ask()}
    questions = body.get("questions") if operation == "put_questions" else None
    if isinstance(questions, list):
        about: Any = {"document": served.document_ids[0], "document_id": None, "page_numbers": [1]}
        case.body = {
            "questions": [each if not isinstance(each, dict) else {**each, **about} for each in questions]
        }


def _files(body: dict[str, Any], files: Sequence[bytes]) -> dict[str, Any]:
    """The fields of a form that are files, with real ones."""
    if "files" in body:
        chosen = cycle(files)
        return {"files": [next(chosen) for _ in body["files"]]}
    return {"image": files[0]} if "image" in body else {}

"""Whatever is done in several collections, none ever sees what is another's."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pydantic import SecretStr

from app.service import create_app
from indexer.ingest import index_document
from indexer.services import Services
from tests.fixtures.libraries import tiny_models
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.traces import traces
from vdr.settings import IndexSettings, IngestSettings, JobSettings, Settings

# More for a closer look: TENANT_STEPS=500 pytest tests/app/test_tenants.py -s
STEPS = int(os.environ.get("TENANT_STEPS", "40"))
NAMES = ("alpha", "beta", "default")
WORDS = ("quayside", "limestone", "marmalade")
TITLES = ("ledger.pdf", "letter.pdf")
KEYS = ("kept_by", "year")
VALUES = ("alpha", "beta", 2021, 2022)
_OPERATIONS = {"run": 0}


@dataclass(frozen=True)
class Told:
    """Name and metadata that a document should have."""

    name: str
    metadata: dict[str, Any] = field(default_factory=dict)

    def changed(self, name: str | None, patch: dict[str, Any] | None) -> "Told":
        """After a change of name and a merge patch of the metadata."""
        merged = {**self.metadata, **(patch or {})}
        return Told(name or self.name, {key: value for key, value in merged.items() if value is not None})


@dataclass(frozen=True)
class Where:
    """A filter: what one field is, or in negative form is not."""

    key: str
    value: str | int
    is_negative: bool

    @property
    def filter(self) -> dict[str, Any]:
        return {self.key: {"$ne" if self.is_negative else "$eq": self.value}}

    def passes(self, told: Told) -> bool:
        found = told.name if self.key == "document_name" else told.metadata.get(self.key)
        return (found == self.value) != self.is_negative


def wheres() -> st.SearchStrategy[Where]:
    """Filters over names and metadata."""
    names = st.sampled_from((*TITLES, *(f"{word}.pdf" for word in WORDS)))
    by_name = st.builds(Where, st.just("document_name"), names, st.booleans())
    return by_name | st.builds(Where, st.sampled_from(KEYS), st.sampled_from(VALUES), st.booleans())


@contextmanager
def service(folder: Path, database_url: str | None) -> Iterator[TestClient]:
    """A service whose worker is the test, so that every step ends before the next begins."""
    url = None if database_url is None else SecretStr(database_url)
    chosen = Settings(
        index=IndexSettings(data_dir=folder, database_url=url, open_collections=1),
        ingest=IngestSettings(page_long_side=256),
        jobs=JobSettings(worker=False),
    )
    with TestClient(create_app(chosen, tiny_models())) as client:
        yield client


class Tenants(RuleBasedStateMachine):
    """Three collections, of which some are there, and what each of them should hold."""

    database_url: str | None = None

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        folder = Path(self.opened.enter_context(TemporaryDirectory()))
        self.files = [
            write_pdf(folder / f"{word}.pdf", [f"All about {word}"] * (n + 1)) for n, word in enumerate(WORDS)
        ]
        self.client = self.opened.enter_context(service(folder / "data", self.database_url))
        self.services: Services = self.client.app_state["services"].opened
        self.expected: dict[str, dict[str, bool]] = {"default": {}}  # whether each document is indexed
        self.ids: dict[str, str] = {}  # of the words
        self.told: dict[tuple[str, str], Told] = {}  # of the documents of each collection

    @initialize()
    def begin_empty(self) -> None:
        for name in [each.name for each in self.services.collections.list()]:
            if name != "default":
                self.services.delete_collection(name)
        self.finish()
        for document in self.get("default", "/documents").json()["documents"]:
            self.client.delete(f"/v1/documents/{document['document_id']}")

    def teardown(self) -> None:
        self.opened.close()

    def get(self, name: str, path: str) -> Any:
        _OPERATIONS["run"] += 1
        return self.client.get(f"/v1/collections/{name}{path}")

    @rule(name=st.sampled_from(NAMES))
    def create(self, name: str) -> None:
        answer = self.client.post("/v1/collections", json={"name": name})
        assert answer.status_code == (409 if name in self.expected else 201)
        self.expected.setdefault(name, {})

    @precondition(lambda self: len(self.expected) > 1)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.expected.keys() - {"default"})))
        assert self.client.delete(f"/v1/collections/{name}").status_code == 202
        assert self.get(name, "/documents").status_code == 404
        self.forget(name, *self.expected.pop(name))
        self.finish()

    def forget(self, name: str, *document_ids: str) -> None:
        for document_id in document_ids:
            self.expected.get(name, {}).pop(document_id, None)
            self.told.pop((name, document_id), None)

    def finish(self) -> None:
        """What a worker does with collections that are to go."""
        for each in self.services.collections.half_deleted():
            self.services.finish_deletion(each.name)

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(range(len(WORDS))))
    def upload(self, name: str, word: int) -> None:
        sent = {"files": (self.files[word].name, self.files[word].read_bytes())}
        answer = self.client.post(f"/v1/collections/{name}/documents", files=sent)
        if name not in self.expected:
            assert answer.status_code == 404
            return
        document = answer.json()["uploads"][0]["document"]
        self.ids[WORDS[word]] = document["document_id"]
        assert answer.json()["uploads"][0]["is_new"] == (document["document_id"] not in self.expected[name])
        self.expected[name].setdefault(document["document_id"], False)
        self.told.setdefault((name, document["document_id"]), Told(f"{WORDS[word]}.pdf"))

    @rule(name=st.sampled_from(NAMES))
    def index(self, name: str) -> None:
        if name not in self.expected:
            return
        library = self.services.library(name)
        for document in library.catalogue.unfinished():
            done = index_document(library, document.document_id)
            self.expected[name][document.document_id] = done is not None

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(WORDS))
    def delete_document(self, name: str, word: str) -> None:
        document_id = self.ids.get(word, "0" * 64)
        answer = self.client.delete(f"/v1/collections/{name}/documents/{document_id}")
        assert answer.status_code == (204 if document_id in self.expected.get(name, {}) else 404)
        self.forget(name, document_id)

    @rule(
        name=st.sampled_from(NAMES),
        word=st.sampled_from(WORDS),
        title=st.none() | st.sampled_from(TITLES),
        patch=st.none() | st.dictionaries(st.sampled_from(KEYS), st.none() | st.sampled_from(VALUES)),
    )
    def change(self, name: str, word: str, title: str | None, patch: dict[str, Any] | None) -> None:
        _OPERATIONS["run"] += 1
        document_id = self.ids.get(word, "0" * 64)
        sent = {"name": title, "metadata": patch}
        answer = self.client.patch(f"/v1/collections/{name}/documents/{document_id}", json=sent)
        assert answer.status_code == (200 if (name, document_id) in self.told else 404)
        if answer.status_code == 200:
            self.told[name, document_id] = self.told[name, document_id].changed(title, patch)

    def passing(self, name: str, where: Where, *, only_indexed: bool = False) -> set[str]:
        """The documents of a collection that should pass a filter."""
        known = {each for each, is_indexed in self.expected[name].items() if is_indexed or not only_indexed}
        return {each for each in known if where.passes(self.told[name, each])}

    @rule(name=st.sampled_from(NAMES), where=wheres())
    def list_filtered(self, name: str, where: Where) -> None:
        answer = self.get(name, f"/documents?filter={quote(json.dumps(where.filter))}")
        assert answer.status_code == (200 if name in self.expected else 404)
        if answer.status_code == 200:
            found = {each["document_id"] for each in answer.json()["documents"]}
            assert found == self.passing(name, where)

    @rule(name=st.sampled_from(NAMES), where=wheres(), mode=st.sampled_from(("visual", "hybrid")))
    def search_filtered(self, name: str, where: Where, mode: str) -> None:
        _OPERATIONS["run"] += 1
        asked = {"query": "about", "limit": 100, "mode": mode, "filter": where.filter}
        answer = self.client.post(f"/v1/collections/{name}/search", json=asked)
        assert answer.status_code == (200 if name in self.expected else 404)
        if answer.status_code == 200:
            found = {hit["document"]["document_id"] for hit in answer.json()["hits"]}
            assert found == self.passing(name, where, only_indexed=True)

    @rule(name=st.sampled_from(NAMES), where=wheres(), dry_run=st.booleans())
    def delete_filtered(self, name: str, where: Where, dry_run: bool) -> None:
        _OPERATIONS["run"] += 1
        asked = {"filter": where.filter, "dry_run": dry_run}
        answer = self.client.post(f"/v1/collections/{name}/deletions", json=asked)
        assert answer.status_code == (200 if name in self.expected else 404)
        if answer.status_code == 200:
            chosen = self.passing(name, where)
            assert {each["document_id"] for each in answer.json()["documents"]} == chosen
            assert (answer.json()["count"], answer.json()["dry_run"]) == (len(chosen), dry_run)
            self.forget(name, *(() if dry_run else chosen))

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(WORDS))
    def look(self, name: str, word: str) -> None:
        document_id = self.ids.get(word, "0" * 64)
        known = self.expected.get(name, {})
        below = f"/documents/{document_id}"
        for path, is_there in {
            below: document_id in known,
            f"{below}/file": document_id in known,
            f"{below}/pages/1/image": known.get(document_id, False),
            f"{below}/pages/1/text": known.get(document_id, False),
        }.items():
            assert (self.get(name, path).status_code == 200) == is_there, path
        if known.get(document_id, False) or document_id not in known:
            events = self.get(name, f"{below}/events")
            assert (events.status_code == 200) == (document_id in known)
            assert f"/v1/collections/{name}/" in events.text or document_id not in known

    @rule(name=st.sampled_from(NAMES), word=st.sampled_from(WORDS), mode=st.sampled_from(("text", "hybrid")))
    def search(self, name: str, word: str, mode: str) -> None:
        _OPERATIONS["run"] += 1
        asked = {"query": f"about {word}", "limit": 100, "mode": mode}
        answer = self.client.post(f"/v1/collections/{name}/search", json=asked)
        if name not in self.expected:
            assert answer.status_code == 404
            return
        found = {hit["document"]["document_id"] for hit in answer.json()["hits"]}
        own = {document_id for document_id, is_indexed in self.expected[name].items() if is_indexed}
        assert found <= own
        assert self.ids.get(word) in found or self.ids.get(word) not in own
        assert all(f"/collections/{name}/" in hit["image_url"] for hit in answer.json()["hits"])

    @invariant()
    def lists_are_what_they_should_be(self) -> None:
        names = {each["name"] for each in self.client.get("/v1/collections").json()["collections"]}
        assert names == self.expected.keys()
        for name, documents in self.expected.items():
            listed = self.get(name, "/documents").json()["documents"]
            assert {each["document_id"]: each["state"] == "indexed" for each in listed} == documents
            told = {each["document_id"]: Told(each["name"], each["metadata"]) for each in listed}
            assert told == {each: self.told[name, each] for each in documents}

    @invariant()
    def nothing_is_left_of_what_is_gone(self) -> None:
        for name in NAMES:
            assert name in self.expected or traces(self.services, name) == []
        objects = self.services.settings.index.data_dir / "objects"
        kept = {(path.parent.name, path.name) for path in objects.glob("*/*")}
        assert kept == {(name, each) for name, documents in self.expected.items() for each in documents}


class TestTenants:
    @pytest.mark.parametrize("database", ["sqlite", "postgresql"])
    def test_none_sees_what_is_anothers(self, database: str, request: pytest.FixtureRequest) -> None:
        url = request.getfixturevalue("database_url") if database == "postgresql" else None
        machine = type("Machine", (Tenants,), {"database_url": url})
        before = _OPERATIONS["run"]
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=max(STEPS // 20, 1),
                stateful_step_count=STEPS,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
        print(f"{database}: {_OPERATIONS['run'] - before:,} requests, nothing of another collection seen")

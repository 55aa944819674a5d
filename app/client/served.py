"""A collection that a service has, as commands use it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from app.addresses import IN_COLLECTION
from app.api.collections.schemas import CollectionList, CollectionOut
from app.api.documents.schemas import DeletionOut, DocumentList, DocumentOut
from app.api.generations.schemas import GenerationDetails, GenerationList
from app.api.search.schemas import SearchResponse
from app.client.connection import Connection
from vdr.filters import filter_to_json
from vdr.search.request import in_documents
from vdr.settings import Settings
from vdr.types import CollectionSettings, Effort, Filter, SearchRequest, SearchSort

_A_TIME = 200  # documents in one answer, the most that the API gives
# Ids in one filter: as a query parameter it must stay below 8,000 characters.
IDS_A_TIME = 100


class ServedCorpus:
    """The documents of a collection, by way of its service; None is the collection that the service means."""

    def __init__(self, connection: Connection, collection: str | None) -> None:
        self.connection, self.collection = connection, collection

    @property
    def path(self) -> str:
        """What the addresses of the collection begin with, below the API."""
        return IN_COLLECTION.format(collection=self.collection) if self.collection else ""

    def search(self, request: SearchRequest) -> SearchResponse:
        """The pages that the service finds; their links are whole URLs."""
        found = self.connection.post(f"{self.path}/search", SearchResponse, json=_body(request))
        for hit in found.hits:
            hit.image_url = self.connection.absolute(hit.image_url)
            hit.document.url = self.connection.absolute(hit.document.url)
            hit.page_url = self.connection.absolute(hit.page_url)
            for each in hit.neighbours:
                each.image_url = self.connection.absolute(each.image_url)
                each.page_url = self.connection.absolute(each.page_url)
        return found

    def documents(self, where: Filter | None = None, limit: int | None = None) -> Iterator[DocumentOut]:
        """The documents that a filter lets pass, newest first."""
        return islice(self._documents(where, min(limit or _A_TIME, _A_TIME)), limit)

    def names(self) -> Iterator[tuple[str, str]]:
        """The id of each document with each of its names."""
        for document in self.documents():
            yield from ((document.document_id, name) for name in (document.name, *document.other_names))

    def delete(self, document_ids: Sequence[str]) -> None:
        """Delete documents with all that belongs to them."""
        for start in range(0, len(document_ids), IDS_A_TIME):
            chosen = in_documents(document_ids[start : start + IDS_A_TIME])
            assert chosen is not None
            body = {"filter": filter_to_json(chosen), "dry_run": False}
            self.connection.post(f"{self.path}/deletions", DeletionOut, json=body)

    def create(self) -> None:
        """Make the collection, which is not there."""
        self.connection.post("/collections", CollectionOut, json={"name": self.collection})

    def _documents(self, where: Filter | None, size: int) -> Iterator[DocumentOut]:
        params: dict[str, Any] = {"limit": size}
        if where is not None:
            params["filter"] = json.dumps(filter_to_json(where))
        while True:
            answer = self.connection.get(f"{self.path}/documents", DocumentList, params)
            yield from answer.documents
            if answer.next_after is None:
                return
            params["after"] = answer.next_after


class ServedCollections:
    """All collections of a service."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[CollectionOut]:
        """All of them, by name."""
        return self._connection.get("/collections", CollectionList).collections

    def get(self, name: str) -> CollectionOut:
        """The collection of that name."""
        return self._connection.get(IN_COLLECTION.format(collection=name), CollectionOut)

    def create(self, name: str, description: str, settings: CollectionSettings) -> None:
        """Make a collection."""
        new = {"name": name, "description": description, "settings": asdict(settings)}
        self._connection.post("/collections", CollectionOut, json=new)

    def delete(self, name: str) -> None:
        """Delete a collection; the service removes what belongs to it in the background."""
        self._connection.delete(IN_COLLECTION.format(collection=name))


class ServedGenerations:
    """The generations of a collection of a service."""

    def __init__(self, connection: Connection, collection: str) -> None:
        self._connection, self._collection = connection, IN_COLLECTION.format(collection=collection)

    def list(self) -> Sequence[GenerationDetails]:
        """All of them, oldest first."""
        return self._connection.get(f"{self._collection}/generations", GenerationList).generations

    def create(self, embedder: str | None, dims: int | None) -> GenerationDetails:
        """Make a generation that is still to be built."""
        new = {"embedder": embedder, "dims": dims}
        return self._connection.post(f"{self._collection}/generations", GenerationDetails, json=new)

    def build(self, name: str) -> GenerationDetails:
        """Have the service build it in the background."""
        return self._connection.post(f"{self._collection}/generations/{name}/build", GenerationDetails)

    def switch(self, name: str) -> GenerationDetails:
        """Have it answer searches."""
        return self._connection.post(f"{self._collection}/generations/{name}/switch", GenerationDetails)

    def roll_back(self) -> GenerationDetails:
        """Have the one before answer them again."""
        return self._connection.post(f"{self._collection}/rollback", GenerationDetails)

    def drop(self, name: str) -> None:
        """Remove it."""
        self._connection.delete(f"{self._collection}/generations/{name}")


def chosen_collection(settings: Settings, named: str | None) -> str | None:
    """The collection to ask a service for: None, for its own default, where neither option nor variable names
    one."""
    is_set = "collection" in settings.index.model_fields_set
    return named or (settings.index.collection if is_set else None)


def _body(request: SearchRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "mode": request.mode.value,
        "limit": request.limit,
        "offset": request.offset,
        "rerank": request.rerank,
    }
    if request.explain:
        body["explain"] = True
    if request.pages_per_document is not None:
        body["pages_per_document"] = request.pages_per_document
    if request.neighbours:
        body["neighbours"] = request.neighbours
    if request.facets:
        body["facets"] = list(request.facets)
    if request.cursor is not None:
        body["cursor"] = request.cursor
    if request.sort is not SearchSort.RELEVANCE:
        body |= {"sort": request.sort.value, "sort_field": request.sort_field}
    if request.effort is not Effort.BALANCED:
        body["effort"] = request.effort.value
    if request.min_confidence is not None:
        body["min_confidence"] = request.min_confidence
    if request.filter is not None:
        body["filter"] = filter_to_json(request.filter)
    if request.page is not None:
        page = request.page
        body["page"] = {"document_id": page.document_id, "page_number": page.page_number}
    if request.page is None or (request.text and request.text.strip()):
        body["query"] = request.text
    return body

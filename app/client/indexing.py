"""Indexing by a service: each file is uploaded, the service's queue does the rest, and is followed here."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import httpx

from app.api.documents.schemas import DocumentOut, Uploads
from app.client.served import IDS_A_TIME, ServedCorpus
from indexer.commands.describing import Described
from indexer.commands.intake import Taken, take_in, tell
from indexer.commands.reporting import Summary, reporting
from indexer.progress import got_on
from vdr.client.problems import error_of
from vdr.errors import CollectionNotFound, QueueFull, VdrError
from vdr.filters import to_json
from vdr.search.request import in_documents
from vdr.types import (
    Condition,
    Document,
    DocumentWarning,
    Indexing,
    Metadata,
    Operator,
    PageError,
)

_LOOK_S = 0.5
# How often a service that is short of something is asked again; a full queue empties sooner or later.
_TRIES = 5
_GOES_ON = "Interrupted. The service continues; run the same command again to follow it."


def index_by_service(
    corpus: ServedCorpus,
    files: Sequence[Path],
    password: str | None = None,
    described: Described = Described(),  # noqa: B008 - frozen
    *,
    replace: bool = False,
) -> Summary:
    """Upload files one after the other, then say how the service gets on with them until all are finished.

    Uploads wait while its queue is full. Raises any VdrError that has nothing to do with the files.
    """
    with reporting() as reporter:
        try:
            intake = _ServiceIntake(corpus, reporter.warn)
            queued = take_in(intake, files, reporter, password, described, replace=replace)
            for before, after in follow(corpus, queued):
                tell(before, after, reporter)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_GOES_ON) from None
        return reporter.summarize()


def follow(corpus: ServedCorpus, documents: Sequence[Document]) -> Iterator[tuple[Document, Document | None]]:
    """Each document before and after it has got on, until all are finished; None after it was deleted.

    Only those next in line are looked at: that is one request a look, however many there are.
    """
    left = {each.document_id: each for each in documents}
    while left:
        window = list(left)[:IDS_A_TIME]
        found = {each.document_id: each for each in map(_document, corpus.documents(in_documents(window)))}
        yield from got_on(left, {each: found.get(each) for each in window})
        if left:
            sleep(_LOOK_S)


@dataclass(slots=True)
class _ServiceIntake:
    """Uploads files; the collection is made by the first of them if it is not there."""

    corpus: ServedCorpus
    warn: Callable[[str], None]
    was_full: bool = field(default=False, init=False)

    def finish_deletions(self) -> None:
        """The service does that by itself."""

    def take(
        self, file: Path, name: str, password: str | None, metadata: Metadata | None, *, replace: bool
    ) -> Taken:
        """See Intake."""
        fields = {"replace": "true"} if replace else {}
        if password:
            fields["password"] = password
        if metadata is not None:
            fields["metadata"] = json.dumps(to_json(metadata))
        named = self._named(name)  # before they are replaced
        uploaded = self._patiently(file, name, fields).uploads[0]
        if uploaded.problem is not None:
            problem = uploaded.problem
            raise error_of(problem.code, problem.detail, problem.remedy)
        assert uploaded.document is not None
        document = _document(uploaded.document)
        return Taken(document, uploaded.is_new, bool(named - {document.document_id}))

    def _named(self, name: str) -> set[str]:
        """The ids of the documents that are shown by a name."""
        where = Condition("document_name", Operator.EQ, name)
        try:
            return {each.document_id for each in self.corpus.documents(where) if each.name == name}
        except CollectionNotFound:
            self.corpus.create()
            return set()

    def _patiently(self, file: Path, name: str, fields: dict[str, str]) -> Uploads:
        """Upload a file as soon as there is room, and again where that may help."""
        tries = 0
        while True:
            try:
                return self._upload(file, name, fields)
            except VdrError as error:
                tries += not isinstance(error, QueueFull)
                if error.retry_after_s is None or tries >= _TRIES:
                    raise
                if isinstance(error, QueueFull) and not self.was_full:
                    self.warn(f"{error.message} Waiting for room.")
                    self.was_full = True
                sleep(_LOOK_S if isinstance(error, QueueFull) else error.retry_after_s)

    def _upload(self, file: Path, name: str, fields: dict[str, str]) -> Uploads:
        path, params = f"{self.corpus.path}/documents", {"bulk": "true"}
        try:
            with file.open("rb") as opened:
                sent = {"files": (name, opened)}
                return self.corpus.connection.post(path, Uploads, data=fields, files=sent, params=params)
        except httpx.LocalProtocolError as error:  # more or less of it than its size said
            raise OSError(f"{name} changed while it was uploaded.") from error


def _document(shown: DocumentOut) -> Document:
    """What the API shows of a document, as indexing tells of it."""
    indexing = Indexing(
        generation="",
        state=shown.state,
        pages_done=shown.pages_done,
        error_code=shown.error.code if shown.error else None,
        error_message=shown.error.message if shown.error else None,
        page_errors=tuple(PageError(each.page_number, each.code, each.message) for each in shown.page_errors),
    )
    return Document(
        document_id=shown.document_id,
        name=shown.name,
        size_bytes=shown.size_bytes,
        created_at=str(shown.added_at),
        indexing=indexing,
        page_count=shown.page_count,
        other_names=tuple(shown.other_names),
        warnings=tuple(DocumentWarning(each.code, each.message) for each in shown.warnings),
    )

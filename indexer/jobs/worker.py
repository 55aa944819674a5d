"""The worker: runs the jobs of libraries in this process, and takes over those of workers that died."""

import logging
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Condition, Event, Thread
from uuid import uuid4

import httpx
from dbos import DBOS

from indexer.jobs import webhooks
from indexer.jobs.heartbeat import PATIENCE_S, Heartbeat
from indexer.jobs.ingest import Ingest
from indexer.jobs.patience import Stopped, may_pass, patiently
from indexer.jobs.queue import (
    APPLICATION,
    INGEST,
    JOBS_VERSION,
    LIVE,
    NOTIFY,
    OCR,
    WORN_OUT,
    Job,
    Jobs,
    queue_name,
)
from indexer.library import Library
from indexer.ocr.job import OcrJob
from indexer.ocr.pages import check_ocr
from vdr.catalogue.database import is_server, new_engine
from vdr.errors import VdrError, WorkerCrashed
from vdr.settings import Settings
from vdr.types import Document

_logger = logging.getLogger(__name__)
_LOOKS = 4  # at the others, and beats of its own, within the time after which one is taken to be dead
# Times that a document may take the process down with it before it is given up.
_MOST_RECOVERIES = 20
_LOOK_FOR_QUIET_S = 1.0
_ATTEMPTS_TO_NOTIFY = 13  # after 0.5 s, 1 s, 2 s ... 34 minutes in all


class Worker:
    """Indexes what is queued for its libraries. One a process: DBOS keeps one of itself.

    Another worker that does not beat for `patience_s` is taken to be dead.
    """

    def __init__(
        self,
        settings: Settings,
        jobs: Jobs,
        libraries: Sequence[Library],
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._settings, self._jobs = settings, jobs
        self._libraries = {library.catalogue.collection: library for library in libraries}
        for library in libraries:
            library.embedding = libraries[0].embedding  # they have one device
        self._stop = Event()
        self._engine = new_engine(settings.index)
        self._executor_id = _executor_id(settings, list(self._libraries))
        self._look_s = patience_s / _LOOKS
        self._heartbeat = (  # by the engine of the jobs, whose errors are ours
            Heartbeat(jobs.engine, self._executor_id, patience_s) if is_server(settings.index) else None
        )
        self._keeper = Thread(target=self._keep, name="vdr-worker", daemon=True)
        self._active, self._urgent, self._idle = 0, 0, Condition()

    def start(self) -> None:
        """Begin; once only. Jobs of an earlier run of the program are gone on with.

        Raises MissingProgram or BadSetting where OCR is wanted that cannot be had here.
        """
        for library in self._libraries.values():
            check_ocr(library.catalogue.collection, library.settings)
        for collection in self._libraries:
            self._jobs.declare_queues(collection, self._settings.jobs.documents_at_once)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_engine": self._engine,
                "application_version": JOBS_VERSION,
                "executor_id": self._executor_id,
                "log_level": "ERROR",
            }
        )
        self._register()
        DBOS.listen_queues(
            [queue_name(kind, name) for kind in (INGEST, OCR, NOTIFY) for name in self._libraries]
        )
        self._keep_once()
        DBOS.launch()
        self._keeper.start()

    def stop(self) -> None:
        """End after the runs of pages at hand; documents go on where they were at the next start."""
        self._stop.set()
        self._keeper.join()
        with self._idle:
            self._idle.wait_for(lambda: self._active == 0)
        DBOS.destroy(destroy_registry=True)
        if self._heartbeat is not None:
            self._heartbeat.leave()
        self._engine.dispose()

    def _register(self) -> None:
        """Tell DBOS of the workflows, as functions: it takes no bound methods."""

        @DBOS.workflow(name=INGEST, max_recovery_attempts=_MOST_RECOVERIES)
        def ingest(collection: str, document_id: str, attempt: int) -> str:
            return self._ingest(collection, document_id, attempt)

        @DBOS.workflow(name=OCR, max_recovery_attempts=_MOST_RECOVERIES)
        def ocr(collection: str, document_id: str, attempt: int) -> str:
            with self._counted():
                job = OcrJob(self._libraries[collection], self._stop, self._wait_for_quiet)
                return job.run(document_id, attempt)

        @DBOS.workflow(name=NOTIFY)
        def notify(message_id: str, event: dict[str, object]) -> int:
            return self._notify(message_id, event)

    def _ingest(self, collection: str, document_id: str, attempt: int) -> str:
        with self._counted(is_urgent=True):
            is_told = self._settings.jobs.webhook_url is not None
            tell = partial(self._tell, collection) if is_told else None
            return Ingest(self._libraries[collection], self._stop, tell).run(document_id, attempt)

    def _tell(self, collection: str, document_id: str) -> None:
        document = self._libraries[collection].catalogue.find(document_id)
        if document is not None:
            self._jobs.notify(collection, document)

    def _notify(self, message_id: str, event: dict[str, object]) -> int:
        with self._counted():
            settings = self._settings.jobs
            if settings.webhook_url is None:
                return 0

            def send() -> int:
                return patiently(
                    lambda: webhooks.send(settings, message_id, event),
                    self._stop,
                    lambda error: isinstance(error, httpx.HTTPError),
                    attempts=_ATTEMPTS_TO_NOTIFY,
                )

            return DBOS.run_step({"name": "send"}, send)

    @contextmanager
    def _counted(self, *, is_urgent: bool = False) -> Iterator[None]:
        with self._idle:
            self._active += 1
            self._urgent += is_urgent
        try:
            if self._stop.is_set():
                raise Stopped
            yield
        finally:
            with self._idle:
                self._active -= 1
                self._urgent -= is_urgent
                self._idle.notify_all()

    def _wait_for_quiet(self) -> None:
        """Return once no document is being indexed here. Raises Stopped when the worker stops."""
        with self._idle:
            while self._urgent and not self._stop.is_set():
                self._idle.wait(_LOOK_FOR_QUIET_S)
        if self._stop.is_set():
            raise Stopped

    def _keep(self) -> None:
        while not self._stop.wait(self._look_s):
            self._keep_once()

    def _keep_once(self) -> None:
        """Ends what was cut off, and takes over from the dead."""
        try:
            if self._heartbeat is not None:
                self._heartbeat.beat()
                for executor_id in self._heartbeat.claim_dead(self._jobs.pending_executors()):
                    taken = self._jobs.take_over(executor_id)
                    _logger.warning(
                        "Worker %s has died; its %d jobs are taken over.", executor_id, len(taken)
                    )
            for library in self._libraries.values():
                library.finish_deletions()
                self._queue_what_is_lost(library)
        except Exception as error:  # the outermost edge: this thread must outlive all of it
            _logger.log(
                logging.WARNING if may_pass(error) else logging.ERROR,
                "The worker could not look after its jobs and will try again: %s",
                error,
                exc_info=None if may_pass(error) else error,
            )

    def _queue_what_is_lost(self, library: Library) -> None:
        """See to it that every unfinished document has a job that lives: the catalogue has the last word."""
        collection = library.catalogue.collection
        open_ends = [*library.catalogue.unfinished(), *library.catalogue.with_ocr_left()]
        jobs = {Job.of(collection, each): each for each in open_ends}
        states = self._jobs.states(list(jobs))
        for job, document in jobs.items():
            state = states.get(job)
            if state is None and not self._jobs.is_known(job):
                library.catalogue.queue_again(document.document_id)
            elif job.kind == OCR and state not in LIVE:
                library.give_up_ocr(document.document_id, document.attempt)
            elif state is None:  # queued by another version: nobody goes on with it
                library.catalogue.requeue(document.document_id, revision=document.revision)
            elif state == WORN_OUT:
                library.give_up(document.document_id, _crashed(document))
            elif state not in LIVE:
                library.catalogue.requeue(document.document_id, revision=document.revision)


def _crashed(document: Document) -> VdrError:
    return WorkerCrashed(f"The program ended {_MOST_RECOVERIES} times while it was indexing {document.name}.")


def _executor_id(settings: Settings, collections: Sequence[str]) -> str:
    """The same at the next start where no other process can be at work, else one never used before."""
    if is_server(settings.index):
        return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
    return f"embedded-{'-'.join(collections)}"

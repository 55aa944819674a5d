"""The worker: runs the jobs of all collections in this process, and takes over from workers that died."""

import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition, Event, Thread
from typing import TypeVar
from uuid import uuid4

import httpx
from dbos import DBOS

from indexer.generations import follow
from indexer.ingest import give_up, index_document
from indexer.jobs import webhooks
from indexer.jobs.durably import Durably
from indexer.jobs.heartbeat import PATIENCE_S, Heartbeat
from indexer.jobs.patience import Stopped, patiently
from indexer.jobs.queue import (
    APPLICATION,
    DROP,
    INGEST,
    JOBS_VERSION,
    LIVE,
    NOTIFY,
    OCR,
    WORN_OUT,
    Job,
)
from indexer.library import Library
from indexer.metrics.work import WorkMetrics
from indexer.ocr.complete import complete_document, give_up_ocr
from indexer.ocr.pages import check_ocr
from indexer.services import Services
from vdr.catalogue.database import close, is_server, new_engine
from vdr.errors import CollectionNotFound, GenerationNotFound, NotFound, VdrError, WorkerCrashed
from vdr.settings import Settings
from vdr.types import Document

_logger = logging.getLogger(__name__)
T = TypeVar("T")
_LOOKS = 4  # at the others, and beats of its own, within the time after which one is taken to be dead
# Times that a document may take the process down with it before it is given up.
_MOST_RECOVERIES = 20
_LOOK_FOR_QUIET_S = 1.0
_ATTEMPTS_TO_NOTIFY = 13  # after 0.5 s, 1 s, 2 s ... 34 minutes in all


class Worker:
    """Indexes what is queued, for all collections. One a process: DBOS keeps one of itself.

    Another worker without a heartbeat for `patience_s` counts as dead.
    """

    def __init__(
        self, services: Services, patience_s: float = PATIENCE_S, metrics: WorkMetrics | None = None
    ) -> None:
        """`services` are those that were opened with jobs; `metrics` count what is done."""
        self._metrics = metrics or WorkMetrics(None)
        self._services, self._jobs, self._settings = services, services.with_jobs(), services.settings
        self._stop = Event()
        self._engine = new_engine(self._settings.index)
        self._executor_id = _executor_id(self._settings)
        self._look_s = patience_s / _LOOKS
        self._heartbeat = (  # by the engine of the jobs, whose errors are ours
            Heartbeat(self._jobs.engine, self._executor_id, patience_s)
            if is_server(self._settings.index)
            else None
        )
        self._keeper = Thread(target=self._keep, name="vdr-worker", daemon=True)
        self._active, self._urgent, self._idle = 0, 0, Condition()

    def start(self) -> None:
        """Begin; once only. Jobs of an earlier run of the program are resumed.

        Raises MissingProgram or BadSetting where OCR is wanted that cannot be had here.
        """
        check_ocr(self._settings.index.collection, self._settings.ingest)
        self._jobs.declare_queues(self._settings.jobs.documents_at_once)
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
        DBOS.listen_queues([INGEST, OCR, NOTIFY, DROP])
        self._keep_once()
        DBOS.launch()
        self._keeper.start()

    @property
    def is_alive(self) -> bool:
        """Whether it looks after its jobs."""
        return self._keeper.is_alive()

    def stop(self) -> None:
        """End after the runs of pages at hand; documents are resumed at the next start."""
        self._stop.set()
        self._keeper.join()
        with self._idle:
            self._idle.wait_for(lambda: self._active == 0)
        DBOS.destroy(destroy_registry=True)
        if self._heartbeat is not None:
            self._heartbeat.leave()
        close(self._engine)

    def _register(self) -> None:
        """Tell DBOS of the workflows, as functions: it takes no bound methods."""

        @DBOS.workflow(name=INGEST, max_recovery_attempts=_MOST_RECOVERIES)
        def ingest(collection: str, document_id: str, attempt: int, generation: str) -> str:
            return self._ingest(collection, document_id, attempt, generation)

        @DBOS.workflow(name=OCR, max_recovery_attempts=_MOST_RECOVERIES)
        def ocr(collection: str, document_id: str, attempt: int, generation: str) -> str:
            return self._ocr(collection, document_id, attempt, generation)

        @DBOS.workflow(name=NOTIFY)
        def notify(message_id: str, event: dict[str, object]) -> int:
            return self._notify(message_id, event)

        @DBOS.workflow(name=DROP, max_recovery_attempts=_MOST_RECOVERIES)
        def drop(collection: str) -> str:
            with self._counted(DROP):
                self._insist(lambda: self._services.finish_deletion(collection))
                return "gone"

    def _ingest(self, collection: str, document_id: str, attempt: int, generation: str) -> str:
        """The state that the document is left in; "gone" if it is deleted or queued again."""
        with self._counted(INGEST):
            try:
                library = self._insist(lambda: self._services.library(collection, generation))
                durably = Durably(self._stop)
                done = index_document(
                    library, document_id, attempt, execution=durably, progress=self._metrics.pages_done
                )
            except (CollectionNotFound, GenerationNotFound):
                return "gone"
            except Exception as error:  # the document knows it; here it is logged
                _log(error, "%s of %s failed: %s", document_id, collection)
                done = self._insist(lambda: library.catalogue.find(document_id))
            self._metrics.ended(done)
            return "gone" if done is None else done.indexing.state.value

    def _ocr(self, collection: str, document_id: str, attempt: int, generation: str) -> str:
        """ "done", or "given up" with the reason in the log."""
        with self._counted(OCR):
            try:
                library = self._insist(lambda: self._services.library(collection, generation))
                complete_document(
                    library,
                    document_id,
                    attempt,
                    execution=Durably(self._stop),
                    before_run=self._wait_for_quiet,
                )
            except Exception as error:  # whatever a library may raise
                _log(error, "OCR of %s was given up: %s", document_id)
                return "given up"
            return "done"

    def _insist(self, work: Callable[[], T]) -> T:
        return Durably(self._stop).insist(work)

    def _notify(self, message_id: str, event: dict[str, object]) -> int:
        with self._counted(NOTIFY):
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
    def _counted(self, kind: str) -> Iterator[None]:
        is_urgent = kind == INGEST
        with self._idle:
            self._active += 1
            self._urgent += is_urgent
        try:
            if self._stop.is_set():
                raise Stopped
            with self._metrics.at_work(kind):
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
                    self._metrics.took_over(len(taken))
                    _logger.warning(
                        "Worker %s has died; its %d jobs are taken over.", executor_id, len(taken)
                    )
            self._resume_drops()
            self._jobs.forget_dropped()
            follow(self._services)
            for name in self._services.collections.busy():
                self._look_after(name)
        except Exception as error:  # the outermost edge: this thread must outlive all of it
            _log(error, "The worker could not look after its jobs and will retry: %s")

    def _resume_drops(self) -> None:
        """See to it that a collection whose deletion was cut off is deleted by somebody."""
        for collection in self._services.collections.half_deleted():
            if not self._jobs.is_dropping(collection):
                self._services.finish_deletion(collection.name)

    def _look_after(self, name: str) -> None:
        with suppress(NotFound):  # deleted meanwhile
            self._services.library(name).finish_deletions()
            for generation in self._services.collections.generations(name):
                self._queue_what_is_lost(self._services.library(name, generation.name))

    def _queue_what_is_lost(self, library: Library) -> None:
        """See to it that every unfinished document has a job that lives: the catalogue has the last word."""
        collection = library.collection.name
        open_ends = [*library.catalogue.unfinished(), *library.catalogue.with_ocr_left()]
        jobs = {Job.of(collection, each): each for each in open_ends}
        states = self._jobs.states(list(jobs))
        for job, document in jobs.items():
            self._revive(library, job, document, states.get(job))

    def _revive(self, library: Library, job: Job, document: Document, state: str | None) -> None:
        document_id, indexing = document.document_id, document.indexing
        if state is None and not self._jobs.is_known(job):
            library.catalogue.queue_again(document_id)
        elif job.kind == OCR and state not in LIVE:
            give_up_ocr(library, document_id, indexing.attempt)
        elif state is None:  # queued by another version: nobody resumes it
            library.catalogue.requeue(document_id, revision=indexing.revision)
        elif state == WORN_OUT:
            give_up(library, document_id, _crashed(document), indexing.attempt)
        elif state not in LIVE:
            library.catalogue.requeue(document_id, revision=indexing.revision)


def _log(error: Exception, message: str, *about: str) -> None:
    """Log what went wrong, with a trace where nobody has explained it."""
    if isinstance(error, VdrError):
        _logger.warning(message, *about, error)
    else:
        _logger.error(message, *about, error, exc_info=error)


def _crashed(document: Document) -> VdrError:
    return WorkerCrashed(f"The worker crashed {_MOST_RECOVERIES} times while indexing {document.name}.")


def _executor_id(settings: Settings) -> str:
    """The same at the next start where no other process can be at work, else one never used before."""
    if is_server(settings.index):
        return f"{socket.gethostname()}-{os.getpid()}-{uuid4().hex[:8]}"
    return "embedded"

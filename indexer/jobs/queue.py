"""The queue of documents to index, durable in the database (DBOS): any process may add to it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dbos import DBOS, DBOSClient, EnqueueOptions
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from indexer.jobs.webhooks import event_of
from vdr.catalogue.database import close, explain_errors, first_line, is_server, new_engine
from vdr.errors import DatabaseUnavailable
from vdr.settings import Settings
from vdr.types import Collection, Document, DocumentState, Priority

APPLICATION = "vdr"
# Jobs are resumed by programs of the same version alone; raised when the steps of a job change.
JOBS_VERSION = "3"
# Workflows, and the queues they wait in: one for all collections, in which each has its turns.
INGEST, OCR, NOTIFY, DROP = "ingest", "ocr", "notify", "drop"
# Uploads that people wait for go before any other, whatever the turn.
_BULK = 2**30
_POLL_S = 0.1
_IDS_A_QUERY = 10_000  # PostgreSQL takes 65,535 parameters
_NOTIFICATIONS_AT_ONCE = 8
LIVE = ("PENDING", "ENQUEUED", "DELAYED")
WORN_OUT = "MAX_RECOVERY_ATTEMPTS_EXCEEDED"


@dataclass(frozen=True, slots=True)
class Job:
    """An attempt at a document, INGEST or OCR; one deleted and uploaded again differs by `created_at`."""

    kind: str
    collection: str
    generation: str
    document_id: str
    created_at: str
    attempt: int

    @classmethod
    def of(cls, collection: str, document: Document) -> "Job":
        """The current attempt at a document: what is indexed already is left to OCR."""
        indexing = document.indexing
        kind = OCR if indexing.state is DocumentState.INDEXED else INGEST
        return cls(
            kind, collection, indexing.generation, document.document_id, document.created_at, indexing.attempt
        )

    @property
    def workflow_id(self) -> str:
        """The same for the same attempt, so that it cannot be queued twice."""
        whose = f"{self.collection}/{self.generation}/{self.document_id}"
        return f"{self.kind}/{whose}/{self.created_at}/{self.attempt}"


class Jobs:
    """Asks for jobs and looks after them. Safe from several threads and processes.

    Raises DatabaseUnavailable if the database is not responding.
    """

    def __init__(self, client: DBOSClient, engine: Engine, *, is_told: bool) -> None:
        """`is_told` says whether webhooks are sent for finished documents."""
        self._client, self.engine, self._is_told = client, engine, is_told

    @classmethod
    def open(cls, settings: Settings) -> "Jobs":
        """The jobs in the settings' database, with their tables made if they are not there yet."""
        engine = new_engine(settings.index)
        try:
            DBOS.migrate(engine.url.render_as_string(hide_password=False))
        except DBAPIError as error:
            raise DatabaseUnavailable(f"The database is not responding: {first_line(error.orig)}.") from error
        if is_server(settings.index):
            explain_errors(engine)  # not of SQLite, whose locks the client waits for
        client = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            # It would wait ever longer, up to minutes, and a worker that waits does not beat.
            retry_connection_errors=False,
        )
        return cls(client, engine, is_told=settings.jobs.webhook_url is not None)

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        close(self.engine)

    def declare_queues(self, documents_at_once: int) -> None:
        """Make the queues, of which a worker has so many documents under way."""
        at_once = {INGEST: documents_at_once, OCR: 1, NOTIFY: _NOTIFICATIONS_AT_ONCE, DROP: 1}
        for name, count in at_once.items():
            self._client.register_queue(name, worker_concurrency=count, polling_interval_sec=_POLL_S)

    def queued(self, connection: Connection, collection: str, document: Document) -> None:
        """Queue a document within a transaction of the same database; queueing an attempt twice is once."""
        job = Job.of(collection, document)
        self._enqueue(
            connection,
            job.kind,
            job.workflow_id,
            (collection, document.document_id, job.attempt, job.generation),
            priority_of(document),
        )

    def ended(self, connection: Connection, collection: str, document: Document) -> None:
        """Queue the webhook of a finished document, if webhooks are wanted; once for the same end."""
        if self._is_told:
            indexing = document.indexing
            ended = f"{document.created_at}/{indexing.attempt}/{indexing.state}"
            message_id = f"{NOTIFY}/{collection}/{document.document_id}/{ended}"
            self._enqueue(connection, NOTIFY, message_id, (message_id, event_of(collection, document)))

    def drop(self, collection: Collection) -> None:
        """Have the rest of a collection deleted that is marked as such; asking again is once."""
        with self.engine.begin() as connection:
            self._enqueue(connection, DROP, _drop_id(collection), (collection.name,))

    def is_dropping(self, collection: Collection) -> bool:
        """Whether a job that lives deletes the rest of a collection."""
        found = self._client.list_workflows(
            workflow_ids=[_drop_id(collection)], load_input=False, load_output=False
        )
        return any(each.status in LIVE and each.app_version == JOBS_VERSION for each in found)

    def forget_dropped(self) -> None:
        """Delete what is remembered of collections that are gone: the jobs that they had, and their drop."""
        for drop in self._client.list_workflows(
            name=DROP, status="SUCCESS", load_input=False, load_output=False
        ):
            _, name, _ = drop.workflow_id.split("/", 2)
            found = self._client.list_workflows(
                workflow_id_prefix=[f"{kind}/{name}/" for kind in (INGEST, OCR, NOTIFY)],
                end_time=_at(drop.completed_at),  # a new collection may have the name since
                load_input=False,
                load_output=False,
            )
            ended = [each.workflow_id for each in found if each.status not in LIVE]
            self._client.delete_workflows(ended)
            if len(ended) == len(found):  # or else it is remembered until the others have ended
                self._client.delete_workflows([drop.workflow_id])

    def states(self, jobs: Sequence[Job]) -> dict[Job, str]:
        """What DBOS says of jobs, those left out that this version has not queued."""
        by_id = {job.workflow_id: job for job in jobs}
        found: dict[Job, str] = {}
        ids = list(by_id)
        for start in range(0, len(ids), _IDS_A_QUERY):
            listed = self._client.list_workflows(
                workflow_ids=ids[start : start + _IDS_A_QUERY],
                app_version=JOBS_VERSION,
                load_input=False,
                load_output=False,
            )
            found |= {by_id[each.workflow_id]: each.status for each in listed}
        return found

    def is_known(self, job: Job) -> bool:
        """Whether a version of the program, this one or another, has queued a job."""
        found = self._client.list_workflows(
            workflow_ids=[job.workflow_id], load_input=False, load_output=False
        )
        return bool(found)

    def live(self, kind: str, most: int) -> Counter[str]:
        """How many jobs of a kind are in each state that is no end, of `most` at most."""
        found = self._client.list_workflows(
            queue_name=kind, status=list(LIVE), limit=most, load_input=False, load_output=False
        )
        return Counter(each.status for each in found)

    def pending_executors(self) -> set[str]:
        """The worker processes that have jobs under way, be they alive or not."""
        found = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {each.executor_id for each in found if each.executor_id}

    def _enqueue(
        self,
        connection: Connection,
        kind: str,
        workflow_id: str,
        arguments: Sequence[object],
        priority: int | None = None,
    ) -> None:
        options: EnqueueOptions = {
            "workflow_name": kind,
            "queue_name": kind,
            "workflow_id": workflow_id,
            "app_version": JOBS_VERSION,
        }
        if priority is not None:
            options["priority"] = priority
        self._client.enqueue_in_transaction(connection, options, *arguments)

    def take_over(self, executor_id: str) -> list[str]:
        """Queue the unfinished jobs of a dead worker again; their ids."""
        found = self._client.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        for each in found:
            self._client.resume_workflow(each.workflow_id, queue_name=each.queue_name)
        return [each.workflow_id for each in found]


def priority_of(document: Document) -> int:
    """When a document goes: by its priority, and among equal ones by its turn."""
    indexing = document.indexing
    return indexing.turn + (0 if indexing.priority is Priority.INTERACTIVE else _BULK)


def _at(epoch_ms: int | None) -> str | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1_000, UTC).isoformat()


def _drop_id(collection: Collection) -> str:
    return f"{DROP}/{collection.name}/{collection.created_at}"

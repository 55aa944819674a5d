"""The queue of documents to index, durable in the database (DBOS): asked for jobs by any process."""

from collections.abc import Sequence
from dataclasses import dataclass

from dbos import DBOS, DBOSClient
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from indexer.jobs.webhooks import event_of
from vdr.catalogue.database import explain_errors, first_line, is_server, new_engine
from vdr.errors import DatabaseUnavailable
from vdr.settings import Settings
from vdr.types import Document, DocumentState

APPLICATION = "vdr"
# Jobs are gone on with by programs of the same version alone; raised when the steps of a job change.
JOBS_VERSION = "1"
INGEST, OCR, NOTIFY = "ingest", "ocr", "notify"
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
    document_id: str
    created_at: str
    attempt: int

    @classmethod
    def of(cls, collection: str, document: Document) -> "Job":
        """The current attempt at a document: what is indexed already is left to OCR."""
        kind = OCR if document.state is DocumentState.INDEXED else INGEST
        return cls(kind, collection, document.document_id, document.created_at, document.attempt)

    @property
    def workflow_id(self) -> str:
        """The same for the same attempt, so that it cannot be queued twice."""
        return f"{self.kind}/{self.collection}/{self.document_id}/{self.created_at}/{self.attempt}"


class Jobs:
    """Asks for jobs and looks after them. Safe from several threads and processes.

    Raises DatabaseUnavailable where the database does not answer.
    """

    def __init__(self, client: DBOSClient, engine: Engine) -> None:
        self._client, self.engine = client, engine

    @classmethod
    def open(cls, settings: Settings) -> "Jobs":
        """The jobs in the settings' database, with their tables made if they are not there yet."""
        engine = new_engine(settings.index)
        try:
            DBOS.migrate(engine.url.render_as_string(hide_password=False))
        except DBAPIError as error:
            raise DatabaseUnavailable(f"The database does not answer: {first_line(error.orig)}.") from error
        if is_server(settings.index):
            explain_errors(engine)  # not of SQLite, whose locks the client waits for
        client = DBOSClient(
            system_database_engine=engine,
            application_name=APPLICATION,
            # It would wait ever longer, up to minutes, and a worker that waits does not beat.
            retry_connection_errors=False,
        )
        return cls(client, engine)

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        self.engine.dispose()

    def declare_queues(self, collection: str, documents_at_once: int) -> None:
        """Make the queues of a collection, of which a worker has so many documents under way."""
        self._client.register_queue(
            queue_name(INGEST, collection), worker_concurrency=documents_at_once, polling_interval_sec=_POLL_S
        )
        self._client.register_queue(
            queue_name(OCR, collection), worker_concurrency=1, polling_interval_sec=_POLL_S
        )
        self._client.register_queue(queue_name(NOTIFY, collection), worker_concurrency=_NOTIFICATIONS_AT_ONCE)

    def queue(self, connection: Connection, collection: str, document: Document) -> None:
        """Queue a document within a transaction of the same database; queueing an attempt twice is once."""
        job = Job.of(collection, document)
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": job.kind,
                "queue_name": queue_name(job.kind, collection),
                "workflow_id": job.workflow_id,
                "priority": int(document.priority),
                "app_version": JOBS_VERSION,
            },
            collection,
            document.document_id,
            document.attempt,
        )

    def notify(self, collection: str, document: Document) -> None:
        """Have it told that a document is finished; asking again for the same end is once."""
        ended = f"{document.created_at}/{document.attempt}/{document.state}"
        message_id = f"{NOTIFY}/{collection}/{document.document_id}/{ended}"
        self._client.enqueue(
            {
                "workflow_name": NOTIFY,
                "queue_name": queue_name(NOTIFY, collection),
                "workflow_id": message_id,
                "app_version": JOBS_VERSION,
            },
            message_id,
            event_of(collection, document),
        )

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

    def pending_executors(self) -> set[str]:
        """The worker processes that have jobs under way, be they alive or not."""
        found = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {each.executor_id for each in found if each.executor_id}

    def take_over(self, executor_id: str) -> list[str]:
        """Queue anew what a dead worker had under way; the ids of its jobs."""
        found = self._client.list_workflows(
            status="PENDING", executor_id=executor_id, load_input=False, load_output=False
        )
        for each in found:
            self._client.resume_workflow(each.workflow_id, queue_name=each.queue_name)
        return [each.workflow_id for each in found]


def queue_name(kind: str, collection: str) -> str:
    """Each collection has queues of its own, so that none can starve another."""
    return f"{kind}-{collection}"

"""The tables of the catalogue, as SQLAlchemy knows them; `migrations/` brings a database to this shape."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table

metadata = MetaData()

documents = Table(
    "documents",
    metadata,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("created_at", String, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("pages_done", Integer, nullable=False),
    Column("error_code", String),
    Column("error_message", String),
    # Set first when a document is deleted, so that a crash in the middle is seen and the rest done again.
    Column("is_deleted", Boolean, nullable=False, default=False),
    # One more each time it is queued: a job belongs to one attempt.
    Column("attempt", Integer, nullable=False, server_default="1"),
    # One more with every change, so that a client can ask for what it has not seen.
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("priority", Integer, nullable=False, server_default="1"),
    Column("added_by", String, nullable=False, server_default=""),
    Column("started_at", String),
    Column("pages_at_start", Integer, nullable=False, server_default="0"),
    Column("finished_at", String),
    # Pages that OCR is to look at, and how many of them, from the first on, it has; 0 where it is not wanted.
    Column("ocr_pages", Integer, nullable=False, server_default="0"),
    Column("ocr_pages_done", Integer, nullable=False, server_default="0"),
    Index("documents_by_age", "collection", "created_at", "document_id"),
    Index("documents_by_state", "state"),
)

page_errors = Table(
    "page_errors",
    metadata,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("page_number", Integer, primary_key=True),
    Column("code", String, nullable=False),
    Column("message", String, nullable=False),
)

# Worker processes that are alive go on counting; one that has stopped to has died.
workers = Table(
    "workers",
    metadata,
    Column("executor_id", String, primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

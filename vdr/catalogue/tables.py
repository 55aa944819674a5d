"""The tables of the catalogue, as SQLAlchemy knows them; `migrations/` brings a database to this shape."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, MetaData, String, Table, false
from sqlalchemy.dialects.postgresql import JSONB

tables = MetaData()

# In PostgreSQL the binary form, which its operators of filters work on.
Json = JSON().with_variant(JSONB(), "postgresql")

collections = Table(
    "collections",
    tables,
    Column("collection", String, primary_key=True),
    Column("created_at", String, nullable=False),
    Column("description", String, nullable=False),
    Column("settings", Json, nullable=False),
    # The generation that answers searches.
    Column("serving", String, nullable=False),
    # Set first when a collection is deleted, so that a crash in the middle is seen and the rest done again.
    Column("is_deleted", Boolean, nullable=False),
)

generations = Table(
    "generations",
    tables,
    Column("collection", String, primary_key=True),
    Column("generation", String, primary_key=True),
    Column("created_at", String, nullable=False),
    # What the vectors are made by and how wide they are: NULL until the first page is embedded.
    Column("embedder", String),
    Column("fingerprint", String),
    Column("dims", Integer),
    Column("coarse_dims", Integer),
    Column("region_dims", Integer),
    # What reads pages beside a model that cannot; NULL where nobody does.
    Column("reader", String),
    Column("has_many_vectors", Boolean, nullable=False, server_default=false()),
    Column("quantization", String),
    # The shapes of the vectors of other embedders than the first; NULL where there is but one.
    Column("more", Json),
    # False of those of the version before until their pages have got what filters look at.
    Column("has_fields", Boolean, nullable=False),
    # What its searches' signs are worth, as `vdr calibrate` has found; NULL where nobody has.
    Column("calibration", Json),
    # What its default searches go by, as `vdr tune` has chosen it; NULL: by the settings.
    Column("plan", Json),
    # The collection's model and dimensions while it serves; NULL where there never was another generation.
    Column("settings", Json),
    # When it last began to answer searches; NULL if it never did, or has since the collection was made.
    Column("served_at", String),
)

documents = Table(
    "documents",
    tables,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("created_at", String, nullable=False),
    Column("page_count", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("metadata", Json, nullable=False),
    # What is printed on each page as its number; NULL where that is the page number, or not known.
    Column("page_labels", Json),
    # Codes and messages; NULL where there are none, or nobody has looked.
    Column("warnings", Json),
    # The document that this one was attached to.
    Column("parent_document_id", String),
    # What the PDF says of itself; NULL where it does not, or that is not known.
    Column("pdf_title", String),
    Column("pdf_author", String),
    Column("pdf_created_at", String),
    Column("pdf_modified_at", String),
    Column("is_deleted", Boolean, nullable=False),
    Index("documents_by_age", "collection", "created_at", "document_id"),
    Index("documents_deleted", "is_deleted"),
)

# Every name that a document was sent under; that which is shown is in `documents` as well.
document_names = Table(
    "document_names",
    tables,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("noted_at", String, nullable=False),
    Index("document_names_by_name", "collection", "name"),
)

# Documents that are deleted once another one, which takes their place, is indexed.
replacements = Table(
    "replacements",
    tables,
    Column("collection", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("replaced_id", String, primary_key=True),
)

# A document in a generation of its collection.
indexings = Table(
    "indexings",
    tables,
    Column("collection", String, primary_key=True),
    Column("generation", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("state", String, nullable=False),
    Column("pages_done", Integer, nullable=False),
    Column("error_code", String),
    Column("error_message", String),
    # One more each time it is queued: a job belongs to one attempt.
    Column("attempt", Integer, nullable=False),
    # One more with every change, so that a client can ask for what it has not seen.
    Column("revision", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("turn", Integer, nullable=False),
    Column("started_at", String),
    Column("pages_at_start", Integer, nullable=False),
    Column("finished_at", String),
    # Pages that OCR is to look at, and how many of them, from the first on, it has; 0 where it is not wanted.
    Column("ocr_pages", Integer, nullable=False),
    Column("ocr_pages_done", Integer, nullable=False),
    Index("indexings_by_state", "state", "priority", "turn"),
    Index("indexings_by_turn", "priority", "turn"),
    Index("indexings_by_collection", "collection", "priority", "turn"),
)

page_errors = Table(
    "page_errors",
    tables,
    Column("collection", String, primary_key=True),
    Column("generation", String, primary_key=True),
    Column("document_id", String, primary_key=True),
    Column("page_number", Integer, primary_key=True),
    Column("code", String, nullable=False),
    Column("message", String, nullable=False),
)

# Searches as they were answered, kept for a time, and longer where somebody has judged what they found.
searches = Table(
    "searches",
    tables,
    Column("collection", String, primary_key=True),
    Column("search_id", String, primary_key=True),
    Column("generation", String, nullable=False),
    Column("asked_at", String, nullable=False),
    Column("query", String, nullable=False),
    Column("request", Json, nullable=False),
    Column("plan", Json, nullable=False),
    Column("hits", Json, nullable=False),
    # The API key that asked; NULL where none is used.
    Column("key_id", String),
    Index("searches_by_age", "asked_at"),
    Index("searches_by_key", "collection", "key_id"),
)

# What people say of a search, or of a page that it has found. Its id tells all that makes it what it is, so
# that what is said twice counts once.
feedback = Table(
    "feedback",
    tables,
    Column("collection", String, primary_key=True),
    Column("feedback_id", String, primary_key=True),
    Column("search_id", String, nullable=False),
    Column("kind", String, nullable=False),
    # NULL for what is said of all that was found.
    Column("document_id", String),
    Column("page_number", Integer),
    Column("reporter", String, nullable=False),
    Column("key_id", String),
    Column("dwelt_ms", BigInteger),
    Column("noted_at", String, nullable=False),
    Index("feedback_by_search", "collection", "search_id"),
    Index("feedback_by_document", "collection", "document_id"),
    Index("feedback_by_age", "noted_at"),
)

# Questions with the pages that answer them, as people have labelled them.
questions = Table(
    "questions",
    tables,
    Column("collection", String, primary_key=True),
    Column("query_id", String, primary_key=True),
    Column("query", String, nullable=False),
    Column("document_id", String, nullable=False),
    Column("page_numbers", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("source", String, nullable=False),
    Column("added_at", String, nullable=False),
    Index("questions_by_document", "collection", "document_id"),
)

# Heartbeats: living workers keep increasing `beat`; one that has stopped has died.
workers = Table(
    "workers",
    tables,
    Column("executor_id", String, primary_key=True),
    Column("beat", BigInteger, nullable=False),
)

# Requests that came with a key of their client's, so that one sent twice is done once; kept for a while.
idempotency_keys = Table(
    "idempotency_keys",
    tables,
    Column("collection", String, primary_key=True),
    Column("key", String, primary_key=True),
    # Whoever answers it has noted this and keeps renewing the time until it is answered.
    Column("claim", String, nullable=False),
    Column("touched_at", String, nullable=False),
    # Digest of the request, and the answer; NULL until there is one.
    Column("request", String),
    Column("answer", Json),
    Index("idempotency_keys_by_age", "touched_at"),
)

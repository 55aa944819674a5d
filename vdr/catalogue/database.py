"""The database of documents and jobs: a SQLite file, or PostgreSQL; migrated when it is opened."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from vdr.errors import BadSetting, DatabaseUnavailable
from vdr.settings import IndexSettings
from vdr.types import Generation

DATABASE_FILE = "catalogue.sqlite"
_PATIENCE_S = 30
_LOOK_AGAIN_S = 0.02
_MIGRATION_LOCK = 0x766472  # any number that nobody else locks


def database_url(settings: IndexSettings) -> URL:
    """Where the database is. Raises BadSetting for what is neither SQLite nor PostgreSQL."""
    if settings.database_url is None:
        return URL.create("sqlite", database=str(settings.data_dir.expanduser().absolute() / DATABASE_FILE))
    try:
        url = make_url(settings.database_url.get_secret_value())
    except ArgumentError as error:
        raise BadSetting("VDR_DATABASE_URL is not a database URL.") from error
    if url.get_backend_name() in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return url
    raise BadSetting(
        f"VDR_DATABASE_URL: {url.get_backend_name()} is not supported; use PostgreSQL or SQLite."
    )


def is_server(settings: IndexSettings) -> bool:
    """Whether the database is one that many machines can share."""
    return database_url(settings).get_backend_name() == "postgresql"


# What the index of a collection was built by before the catalogue knew it; None if it has none.
Built = Callable[[str], Generation | None]


def open_database(settings: IndexSettings, built: Built) -> Engine:
    """The database, made or migrated if need be. Raises DatabaseUnavailable if it is not responding.

    `built` is asked where the database is of a version that did not know of generations.
    """
    engine = new_engine(settings)
    explain_errors(engine)
    _migrate(engine, built)
    return engine


def new_engine(settings: IndexSettings) -> Engine:
    """Connections to the database, whose errors come as the driver's own; the folder of a file is made."""
    url = database_url(settings)
    if url.get_backend_name() == "postgresql":
        patience = {"connect_timeout": _PATIENCE_S}
        return create_engine(url, pool_pre_ping=True, json_serializer=_plain_json, connect_args=patience)
    settings.data_dir.expanduser().mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, json_serializer=_plain_json, connect_args={"timeout": _PATIENCE_S})
    event.listen(engine, "connect", _configure_sqlite)
    return engine


def close(engine: Engine) -> None:
    """Close all connections: at once, or where another thread is using one, when it is given back.

    `dispose` alone leaves the latter in a pool that nobody knows any longer, open until it is collected. A
    thread of DBOS that notes the end of a job may have one, for destroying DBOS does not wait for it, and of
    engines that DBOS has not made itself it closes none.
    """
    event.listen(engine, "checkin", _close_returned)
    engine.dispose()


def _close_returned(_: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _plain_json(value: object) -> str:
    """JSON whose characters stand for themselves: SQLite does not find a key that is written in escapes."""
    return json.dumps(value, ensure_ascii=False)


def _configure_sqlite(connection: sqlite3.Connection, _: object) -> None:
    """Make what is acknowledged survive a power cut, and writers wait for each other."""
    connection.isolation_level = "IMMEDIATE"  # a transaction that only later writes could find it too late
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own knows the letters of ASCII alone.
    connection.create_function("lower", 1, lambda text: text and str(text).lower(), deterministic=True)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have readers never wait for the writer.

    SQLite does not wait by itself where another process writes to a new file that is not in this mode
    yet: both could wait for each other. So two that begin at once need to try again here.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_S)
        else:
            return


def explain_errors(engine: Engine) -> None:
    """Have the engine raise DatabaseUnavailable if the database is not responding."""
    event.listen(engine, "handle_error", _explain)


def _explain(context: ExceptionContext) -> None:
    if context.is_pre_ping:  # the pool replaces what it has lost, which is nobody's error
        return
    error = context.sqlalchemy_exception
    if isinstance(error, (OperationalError, InterfaceError)):
        raise _unavailable(context.dialect, context.engine, first_line(error.orig)) from error


def _unavailable(dialect: Dialect, engine: Engine | None, reason: str) -> DatabaseUnavailable:
    if dialect.name == "sqlite" and engine is not None:
        return DatabaseUnavailable(
            f"Cannot use the database {engine.url.database}: {reason}.",
            remedy="Free disk space if the disk is full, and check that this user may write to the file.",
        )
    return DatabaseUnavailable(f"The database is not responding: {reason}.")


def first_line(error: Any) -> str:  # noqa: ANN401 - whatever a driver raised
    """What an error says, without the advice that follows."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")


def _migrate(engine: Engine, built: Built) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("vdr.catalogue") / "migrations"))
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection, _alone(connection):
        if MigrationContext.configure(connection).get_current_revision() != head:
            config.attributes |= {"connection": connection, "built": built}
            command.upgrade(config, "head")


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    """Holds off every other process that wants to migrate, until the transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    yield

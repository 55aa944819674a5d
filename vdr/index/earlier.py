"""What the indexes of the version before, which had one for each collection, were built by."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout
from pydantic import ValidationError

from vdr.errors import IndexLocked, IndexMismatch
from vdr.index.schema import IndexSchema, from_json
from vdr.settings import IndexSettings
from vdr.types import Generation

if TYPE_CHECKING:  # the client of the server takes longer to import than a search
    from qdrant_client import QdrantClient


def built_before(settings: IndexSettings, collection: str) -> Generation | None:
    """The generation that a collection's index is; None if it has no index.

    On a server the name of the index tells but the beginning of the fingerprint. Raises IndexLocked where a
    program of the version before is still using it, IndexMismatch where it cannot be read, IndexUnavailable
    if the server is not responding.
    """
    if settings.qdrant_url is None:
        found = _embedded(settings.data_dir.expanduser() / "index" / collection, collection)
    else:
        from vdr.index.qdrant import connect  # noqa: PLC0415

        key = settings.qdrant_api_key
        with closing(connect(settings.qdrant_url, key.get_secret_value() if key else None)) as client:
            found = on_server(client, collection)
    return None if found is None else _generation(found)


def on_server(client: "QdrantClient", collection: str) -> IndexSchema | None:
    """What a collection's index on the server was built by. Raises as `built_before`."""
    from vdr.index.qdrant import answering  # noqa: PLC0415
    from vdr.index.qdrant_vectors import stored_schema  # noqa: PLC0415

    prefix = f"vdr.{collection}."
    with answering():
        names = [each.name for each in client.get_collections().collections]
        name = next((name for name in names if name.startswith(prefix)), None)
        if name is None:
            return None
        fingerprint, _, dims = name.removeprefix(prefix).rpartition("-")
        return stored_schema(client, name, IndexSchema(collection, fingerprint, int(dims), int(dims)))


def files(folder: Path) -> tuple[Path, Path]:
    """The schema and the lock that the version before kept in the folder of a collection."""
    return folder / "schema.json", folder / "lock"


def _embedded(folder: Path, collection: str) -> IndexSchema | None:
    file, lock = files(folder)
    if not file.exists():
        return None
    with _unlocked(lock, collection):
        try:
            return from_json(file.read_bytes())
        except ValidationError as error:
            raise IndexMismatch(f"{file.name} of collection {collection!r} cannot be read.") from error


@contextmanager
def _unlocked(file: Path, collection: str) -> Iterator[None]:
    try:
        with FileLock(file, timeout=0):
            yield
    except Timeout as error:
        raise IndexLocked(f"Another process is using the index of collection {collection!r}.") from error


def _generation(schema: IndexSchema) -> Generation:
    return Generation(
        schema.collection,
        schema.generation,
        datetime.now(UTC).isoformat(timespec="microseconds"),
        fingerprint=schema.fingerprint,
        dims=schema.dims,
        coarse_dims=schema.coarse_dims,
        region_dims=schema.region_dims,
        has_fields=False,
    )

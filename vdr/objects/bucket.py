"""Objects in a bucket of S3, Google Cloud Storage, Azure, or whatever speaks like one of them."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, S3Store, from_url

from vdr.errors import BadSetting, NotFound, ObjectsUnavailable
from vdr.objects.failures import explained

# Somebody waits: a search reads from here. Jobs that can wait longer try again themselves.
_MAX_RETRIES = 3
_RETRY_S = 10
_DOWNLOAD_BYTES = 8 * 2**20  # a request; small enough for a slow line to bring it before the timeout


class Bucket:
    """A prefix in a bucket; credentials and endpoint come from the AWS_*, GOOGLE_* or AZURE_* variables.

    A put is atomic, and durable when it returns, as these stores promise.
    """

    def __init__(self, url: str) -> None:
        """Raises BadSetting if `url` is none of a bucket, ObjectsUnavailable if that cannot be read."""
        try:
            store = from_url(
                url, retry_config={"max_retries": _MAX_RETRIES, "retry_timeout": timedelta(seconds=_RETRY_S)}
            )
        except (BaseError, ValueError) as error:
            raise BadSetting(f"VDR_OBJECTS_URL: {str(error).splitlines()[0]}.") from error
        if not isinstance(store, S3Store | GCSStore | AzureStore):
            raise BadSetting(f"VDR_OBJECTS_URL: {url} is not a bucket URL (s3://, gs:// or az://).")
        self._store, self._url = store, url
        self.check()

    def check(self) -> None:
        """Raise ObjectsUnavailable where the bucket cannot be read."""
        with explained(self._url):
            next(obstore.list(self._store, chunk_size=1), None)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Write an object. Raises ObjectsUnavailable."""
        with _written(key, "bucket"):
            obstore.put(self._store, key, content, attributes={"Content-Type": content_type})

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """Send the file at `path`, a large one in parts. Raises ObjectsUnavailable."""
        with _written(key, "bucket"):
            obstore.put(self._store, key, path, attributes={"Content-Type": content_type})

    def get(self, key: str) -> bytes:
        """The bytes of an object. Raises NotFound, ObjectsUnavailable."""
        with explained(key):
            return bytes(obstore.get(self._store, key).bytes())

    @contextmanager
    def file(self, key: str) -> Iterator[Path]:
        """The object in a private file that is gone after the block. Raises as `get`, and StorageFull."""
        with _written(key, "temporary folder"):
            temporary = TemporaryDirectory(prefix="vdr-", ignore_cleanup_errors=True)
        with temporary as folder:
            path = Path(folder, Path(key).name)
            with explained(key):
                self._download(key, path)
            yield path

    def path(self, key: str) -> None:
        """None: an object lies elsewhere."""

    def file_state(self, key: str) -> Hashable | None:
        """None: to ask takes as long as to get it."""

    def keys(self, prefix: str) -> list[str]:
        """The keys of all objects below a folder."""
        with explained(prefix):
            return [meta["path"] for meta in obstore.list(self._store, prefix).collect()]

    def folders(self) -> list[str]:
        """The names of the folders at the top."""
        with explained("/"):
            return list(obstore.list_with_delimiter(self._store)["common_prefixes"])

    def delete_below(self, prefix: str) -> None:
        """Remove a folder with all that is in it; one that is not there is as good as removed."""
        while keys := self.keys(prefix):
            try:
                with explained(prefix):
                    obstore.delete(self._store, keys)
            except NotFound:  # somebody else deletes as well: look again
                continue

    def url(self, key: str, expires: timedelta) -> str:
        """An address that anybody may read the object at, for a while. Raises ObjectsUnavailable."""
        with explained(key):
            return obstore.sign(self._store, "GET", key, expires)

    def _download(self, key: str, path: Path) -> None:
        size_bytes = obstore.head(self._store, key)["size"]
        with path.open("wb") as file:
            for start in range(0, size_bytes, _DOWNLOAD_BYTES):
                end = min(start + _DOWNLOAD_BYTES, size_bytes)
                file.write(obstore.get_range(self._store, key, start=start, end=end))


@contextmanager
def _written(key: str, place: str) -> Iterator[None]:
    try:
        with explained(key):
            yield
    except NotFound as error:  # when writing, only the place itself can be missing
        raise ObjectsUnavailable(f"Cannot write {key}: {place} does not exist.") from error

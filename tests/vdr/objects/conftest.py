"""The places that objects may be kept in: a folder, a folder by its URL, a bucket."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import obstore
import pytest
from obstore.store import ObjectStoreMethods, from_url

from tests.fixtures.s3 import BUCKET, s3_environment, s3_server
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings

Damage = Callable[[str, Callable[[bytes], bytes]], None]


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def s3(s3_address, monkeypatch) -> str:
    """The URL of an empty place in a bucket that the environment leads to."""
    for name, value in s3_environment(s3_address).items():
        monkeypatch.setenv(name, value)
    return f"s3://{BUCKET}/{uuid4().hex}"


@pytest.fixture(params=["unset", "folder", "bucket"])
def settings(request, tmp_path) -> IndexSettings:
    if request.param == "bucket":
        url = request.getfixturevalue("s3")
    else:
        url = (tmp_path / "a folder").as_uri() if request.param == "folder" else None
    return IndexSettings(data_dir=tmp_path, collection="tenant", objects_url=url)


@pytest.fixture
def objects(settings) -> ObjectStore:
    return ObjectStore.open(settings, settings.collection, "g1")


@pytest.fixture
def place(settings, objects) -> ObjectStoreMethods:
    """The place of `objects`, to be changed behind the store's back."""
    url = settings.objects_url or (settings.data_dir / "objects").as_uri()
    own = f"{url}/{settings.collection}"
    return from_url(own) if url.startswith("s3:") else from_url(own, mkdir=True)


@pytest.fixture
def damage(place) -> Damage:
    """Puts something else in the place of the object whose key ends as told."""

    def change(suffix: str, spoil: Callable[[bytes], bytes]) -> None:
        (key,) = [meta["path"] for meta in obstore.list(place).collect() if meta["path"].endswith(suffix)]
        obstore.put(place, key, spoil(bytes(obstore.get(place, key).bytes())))

    return change

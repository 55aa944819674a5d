"""Objects in a local folder: what is acknowledged stays, what is cut off never was."""

import errno
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from vdr.errors import NotFound, ObjectsUnavailable, StorageFull
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import PageRef

DOCUMENT, OTHER = "ab" * 32, "cd" * 32
PAGE = PageRef(DOCUMENT, 1)


@pytest.fixture
def objects(tmp_path):
    return ObjectStore.open(IndexSettings(data_dir=tmp_path), "tenant", "g1")


@pytest.fixture
def pdf(tmp_path):
    path = tmp_path / "source.pdf"
    path.write_bytes(b"%PDF-" + bytes(1_000_000))
    return path


def files_of(data_dir: Path) -> list[Path]:
    return [path for path in (data_dir / "objects").rglob("*") if path.is_file()]


def failing(number: int):
    def fail(*_args: object, **_options: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


def killed_while_putting(data_dir: Path, put: str, at: str) -> None:
    """Run a put in a process that is killed at a call of the operating system."""
    code = f"""
import os, signal
from pathlib import Path
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings
from vdr.types import PageRef

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

objects = ObjectStore.open(IndexSettings(data_dir=Path({str(data_dir)!r})), "tenant", "g1")
{at} = die
{put}
"""
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to tell which file is synced")
class TestDurability:
    @pytest.fixture
    def synced(self, monkeypatch) -> list[str]:
        """What happens to files, in order: those synced, those renamed."""
        events, sync, replace = [], os.fsync, Path.replace

        def note_sync(descriptor: int) -> None:
            events.append("sync " + Path(f"/proc/self/fd/{descriptor}").readlink().name)
            sync(descriptor)

        def note_replace(path: Path, target: Path) -> Path:
            events.append(f"rename {path.name} {target.name}")
            return replace(path, target)

        monkeypatch.setattr(os, "fsync", note_sync)
        monkeypatch.setattr(Path, "replace", note_replace)
        return events

    def test_an_object_and_its_names_are_on_the_disk_before_a_put_returns(self, objects, synced):
        objects.put_page_image(PageRef(DOCUMENT, 7), b"webp")
        half = synced[3].removeprefix("sync ")
        assert synced == [
            "sync objects",
            "sync tenant",
            f"sync {DOCUMENT}",
            f"sync {half}",
            f"rename {half} 7.webp",
            "sync pages",
        ]

    def test_a_pdf_is_on_the_disk_before_anything_speaks_of_it(self, objects, synced, pdf):
        objects.put_pdf(DOCUMENT, pdf)
        renamed = [event.split()[-1] for event in synced if event.startswith("rename")]
        assert [Path(name).suffix for name in renamed] == [".pdf", ".sha256"]
        assert synced.index(f"sync {DOCUMENT}") < next(
            i for i, e in enumerate(synced) if "document.sha256" in e
        )

    def test_the_folder_itself_is_on_the_disk_when_the_store_is_open(self, tmp_path, synced):
        ObjectStore.open(IndexSettings(data_dir=tmp_path), "tenant", "g1")
        assert synced == [f"sync {tmp_path.name}"]

    def test_a_deletion_is_on_the_disk_before_it_returns(self, objects, synced):
        for document_id in (DOCUMENT, OTHER):
            objects.put_page_image(PageRef(document_id, 7), b"webp")
        synced.clear()
        objects.delete_document(DOCUMENT)
        objects.delete_document(OTHER)
        assert synced == ["sync tenant", "sync objects"]


class TestKilled:
    """By SIGKILL, half of the object written."""

    @pytest.mark.parametrize("at", ["os.fsync", "Path.replace"])
    def test_in_a_put_of_a_page_leaves_nothing_to_be_read(self, objects, tmp_path, at):
        (tmp_path / "objects" / "tenant" / DOCUMENT / "pages").mkdir(parents=True)
        killed_while_putting(tmp_path, f"objects.put_page_image({PAGE!r}, bytes(100_000))", at)
        assert len(files_of(tmp_path)) == 1
        assert objects.pages(DOCUMENT) == set()
        with pytest.raises(NotFound):
            objects.page_image(PAGE)
        objects.delete_document(DOCUMENT)
        assert files_of(tmp_path) == []

    def test_in_a_put_over_another_object_leaves_that(self, objects, tmp_path):
        objects.put_page_image(PAGE, b"old")
        killed_while_putting(tmp_path, f"objects.put_page_image({PAGE!r}, b'new')", "Path.replace")
        assert objects.page_image(PAGE) == b"old"

    @pytest.mark.parametrize("at", ["os.fsync", "Path.replace", "objects._place.put"])
    def test_in_a_put_of_a_pdf_leaves_none(self, objects, tmp_path, pdf, at):
        (tmp_path / "objects" / "tenant" / DOCUMENT).mkdir(parents=True)
        killed_while_putting(tmp_path, f"objects.put_pdf({DOCUMENT!r}, Path({str(pdf)!r}))", at)
        with pytest.raises(NotFound), objects.pdf_file(DOCUMENT):
            pass
        objects.put_pdf(DOCUMENT, pdf)
        with objects.pdf_file(DOCUMENT) as path:
            assert path.read_bytes() == pdf.read_bytes()


class TestFailure:
    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
    def test_a_full_disk_is_said_and_nothing_is_left_behind(
        self, objects, tmp_path, pdf, monkeypatch, number
    ):
        monkeypatch.setattr(os, "fsync", failing(number))
        (tmp_path / "objects" / "tenant" / DOCUMENT / "pages").mkdir(parents=True)
        with pytest.raises(StorageFull, match=r"7\.webp"):
            objects.put_page_image(PageRef(DOCUMENT, 7), b"webp")
        with pytest.raises(StorageFull, match=r"\.pdf"):
            objects.put_pdf(DOCUMENT, pdf)
        assert files_of(tmp_path) == []

    def test_a_limit_on_the_size_of_files_is_a_full_disk(self, tmp_path, pdf):
        code = f"""
import resource
from pathlib import Path
from vdr.errors import StorageFull
from vdr.objects.store import ObjectStore
from vdr.settings import IndexSettings

objects = ObjectStore.open(IndexSettings(data_dir=Path({str(tmp_path)!r})), "default", "g1")
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    objects.put_pdf({DOCUMENT!r}, Path({str(pdf)!r}))
except StorageFull:
    print("full")
"""
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        assert done.stdout == "full\n"
        assert files_of(tmp_path) == []

    def test_a_disk_that_fails_may_be_tried_again(self, objects, monkeypatch):
        objects.put_page_image(PAGE, b"webp")
        monkeypatch.setattr(Path, "read_bytes", failing(errno.EIO))
        with pytest.raises(ObjectsUnavailable, match="Input/output"):
            objects.page_image(PAGE)

    def test_a_folder_that_cannot_be_made(self, tmp_path):
        (tmp_path / "objects").write_bytes(b"")
        with pytest.raises(ObjectsUnavailable):
            ObjectStore.open(IndexSettings(data_dir=tmp_path), "tenant", "g1")

    def test_a_deletion_that_fails_is_said(self, objects, monkeypatch):
        objects.put_page_image(PAGE, b"webp")
        monkeypatch.setattr(os, "unlink", failing(errno.EROFS))
        with pytest.raises(ObjectsUnavailable, match="Read-only"):
            objects.delete_document(DOCUMENT)

    def test_deleting_what_somebody_else_deletes(self, objects, monkeypatch):
        objects.put_page_image(PAGE, b"webp")
        unlink = os.unlink

        def raced(*args, **options):
            monkeypatch.setattr(os, "unlink", unlink)
            unlink(*args, **options)
            unlink(*args, **options)

        monkeypatch.setattr(os, "unlink", raced)
        objects.delete_document(DOCUMENT)
        assert list(objects.document_ids()) == []


def test_half_written_objects_go_with_their_document(objects, tmp_path):
    objects.put_page_image(PAGE, b"webp")
    folder = tmp_path / "objects" / "tenant" / DOCUMENT
    (folder / "pages" / "2.webp.1f.part").write_bytes(b"half")
    assert objects.pages(DOCUMENT) == set()
    objects.delete_document(DOCUMENT)
    assert not folder.exists()


def test_the_folder_of_a_collection_goes_with_its_last_document(objects, tmp_path):
    for document_id in (DOCUMENT, OTHER):
        objects.put_page_image(PageRef(document_id, 1), b"webp")
    objects.delete_document(DOCUMENT)
    assert list(objects.document_ids()) == [OTHER]
    objects.delete_document(OTHER)
    assert list(objects.document_ids()) == []
    assert list((tmp_path / "objects").iterdir()) == []


def test_a_folder_that_is_removed_under_a_put_is_made_again(objects, monkeypatch):
    make = Path.mkdir

    def raced(path: Path, *, exist_ok: bool) -> None:
        make(path, exist_ok=exist_ok)
        if path.name == "tenant":  # empty still: another process deletes its last document
            monkeypatch.setattr(Path, "mkdir", make)
            path.rmdir()

    monkeypatch.setattr(Path, "mkdir", raced)
    objects.put_page_image(PAGE, b"webp")
    assert objects.page_image(PAGE) == b"webp"


def test_a_pdf_is_read_where_it_is(objects, tmp_path, pdf):
    objects.put_pdf(DOCUMENT, pdf)
    with objects.pdf_file(DOCUMENT) as path:
        assert path.is_relative_to(tmp_path / "objects")
    assert path.exists()


def test_a_file_has_no_url(objects):
    objects.put_page_image(PAGE, b"webp")
    assert objects.page_image_url(PAGE, timedelta(minutes=5)) is None


def test_a_folder_that_cannot_be_read_is_told_when_it_is_checked(tmp_path):
    objects = ObjectStore.open(IndexSettings(data_dir=tmp_path), "default", "g1")
    objects.check()
    (tmp_path / "objects").rmdir()
    with pytest.raises(NotFound, match="objects"):
        objects.check()

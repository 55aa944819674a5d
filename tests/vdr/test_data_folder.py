"""What keeps a data folder from being used is said in one line that names it."""

import errno
import os
from pathlib import Path

import pytest

from vdr.data_folder import open_data_folder
from vdr.errors import BadSetting, StorageFull


def test_it_is_made_if_it_is_not_there(tmp_path):
    folder = open_data_folder(tmp_path / "a" / "b")
    assert folder == tmp_path / "a" / "b" and folder.is_dir()
    assert open_data_folder(folder) == folder


@pytest.mark.parametrize("below", [".", "x", "x/y"])
def test_a_file_is_no_folder(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match=r"VDR_DATA_DIR: .*file.* is not a folder\."):
        open_data_folder(tmp_path / "file" / below)


def test_a_home_that_nobody_has(monkeypatch):
    with pytest.raises(BadSetting, match="home folder"):
        open_data_folder(Path("~nobody-of-this-name/vdr"))


def refusing(path):
    """As os.access answers of what this user may not write to: the tests may run as one who may do all."""
    real = os.access

    def access(asked, mode, **options):
        return real(asked, mode, **options) and not (Path(asked) == path and mode & os.W_OK)

    return access


@pytest.mark.parametrize("part", [".", "catalogue.sqlite", "objects", "index/default"])
def test_what_another_user_owns_is_named_with_both_users(tmp_path, monkeypatch, part):
    (tmp_path / "index" / "default").mkdir(parents=True)
    (tmp_path / "objects").mkdir()
    (tmp_path / "catalogue.sqlite").touch()
    monkeypatch.setattr(os, "access", refusing(tmp_path / part))
    with pytest.raises(BadSetting) as caught:
        open_data_folder(tmp_path)
    reason = f"user {os.geteuid()} cannot write to {tmp_path / part}, which belongs to user {os.getuid()}."
    assert caught.value.message == f"VDR_DATA_DIR: {reason}"
    assert "\n" not in str(caught.value)


def test_a_read_only_file_system_is_said_to_be_one(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", refusing(tmp_path))

    class ReadOnly:
        f_flag = os.ST_RDONLY

    monkeypatch.setattr(os, "statvfs", lambda _: ReadOnly)
    with pytest.raises(BadSetting, match="is on a read-only file system"):
        open_data_folder(tmp_path)


@pytest.mark.parametrize(
    ("number", "error"), [(errno.ENOSPC, StorageFull), (errno.EACCES, BadSetting), (errno.EROFS, BadSetting)]
)
def test_a_folder_that_cannot_be_made_is_named(tmp_path, monkeypatch, number, error):
    def mkdir(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(error, match=str(tmp_path / "new")):
        open_data_folder(tmp_path / "new")

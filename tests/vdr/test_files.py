"""Files are there whole or not at all."""

import os
import time

import pytest

from vdr.errors import BadInput
from vdr.files import check_writable, make_folder_whole, scratch_folder, write_whole


def test_a_file_is_replaced_and_nothing_left_beside_it(tmp_path):
    file = tmp_path / "result.json"
    write_whole(file, "old")
    write_whole(file, "ünew")
    assert file.read_text(encoding="utf-8") == "ünew"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_breaks_off_leaves_the_old_one(tmp_path):
    file = tmp_path / "result.json"
    write_whole(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(file, "half \ud800")
    assert file.read_text() == "old"


def test_only_a_file_in_a_folder_that_exists_can_be_written(tmp_path):
    check_writable(tmp_path / "new.json")
    for impossible in (tmp_path, tmp_path / "nowhere" / "new.json"):
        with pytest.raises(BadInput, match="Cannot write"):
            check_writable(impossible)


def test_a_folder_gets_its_name_when_it_is_complete(tmp_path):
    folder = tmp_path / "model"
    with pytest.raises(ZeroDivisionError):
        make_folder_whole(folder, half_filled)
    assert not folder.exists()
    make_folder_whole(folder, filled)
    assert [path.name for path in folder.iterdir()] == ["whole"]
    assert list(tmp_path.iterdir()) == [folder]


def half_filled(draft):
    draft.mkdir()
    (draft / "half").touch()
    raise ZeroDivisionError


def filled(draft):
    draft.mkdir()
    (draft / "whole").touch()


def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "kept").touch()
    with pytest.raises(OSError, match="not empty"):
        make_folder_whole(tmp_path / "model", filled)
    assert (tmp_path / "model" / "kept").exists()


def left_behind(folder, seconds):
    """A scratch folder with a file in it, so many seconds old."""
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("half")
    folder.chmod(0o700)
    os.utime(folder, (time.time() - seconds,) * 2)
    return folder


def test_what_a_killed_process_left_goes_and_what_a_living_one_uses_stays(tmp_path):
    killed, new = (
        left_behind(tmp_path / "draft-killed00", 3_600),
        left_behind(tmp_path / "draft-new00000", 1),
    )
    other = left_behind(tmp_path / "drafts of mine", 3_600)
    with scratch_folder(tmp_path, "draft-") as living:
        os.utime(living, (0, 0))
        assert not killed.exists() and new.exists() and other.exists()
        with scratch_folder(tmp_path, "draft-") as second:
            assert living.is_dir() and second != living
    assert sorted(tmp_path.iterdir()) == [new, other]

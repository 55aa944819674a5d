"""Files are there whole or not at all."""

import pytest

from training.evaluate.files import check_writable, write_whole
from vdr.errors import BadInput


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
        with pytest.raises(BadInput, match="cannot be written"):
            check_writable(impossible)

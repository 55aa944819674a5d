"""Where commands find the service of a data folder, and what a killed one leaves."""

from pathlib import Path

from app.presence import announced, find_service

_URL = "http://127.0.0.1:8000"


def test_a_running_service_is_found_and_one_that_has_ended_is_not(tmp_path: Path) -> None:
    assert find_service(tmp_path) is None
    with announced(tmp_path, _URL):
        assert find_service(tmp_path) == _URL
    assert find_service(tmp_path) is None
    assert not (tmp_path / "service.json").exists()


def test_what_a_killed_one_has_left_counts_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "service.json").write_text(f'{{"url": "{_URL}"}}')
    assert find_service(tmp_path) is None
    (tmp_path / "service.json").write_text("{")
    assert find_service(tmp_path) is None


def test_the_first_of_two_is_announced(tmp_path: Path) -> None:
    with announced(tmp_path, _URL), announced(tmp_path, "http://127.0.0.1:9000"):
        assert find_service(tmp_path) == _URL
    assert find_service(tmp_path) is None


def test_a_folder_that_is_not_there_has_no_service(tmp_path: Path) -> None:
    assert find_service(tmp_path / "none") is None

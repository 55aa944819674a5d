"""Where the rooms are found, and that a program that is not ours keeps its own packages."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import indexer
from vdr import rooms


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where rooms are looked for; there is one, `roomy`, with a module `inside`."""
    home = tmp_path.resolve() / "home"
    write_package(home, "ours")
    monkeypatch.setattr(rooms, "_HOME", home)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield home
    for name in [name for name in sys.modules if name.split(".")[0] == "roomy"]:
        del sys.modules[name]


def write_package(folder: Path, whose: str) -> None:
    (folder / "roomy").mkdir(parents=True)
    (folder / "roomy" / "__init__.py").write_text(f"WHOSE = {whose!r}")
    (folder / "roomy" / "inside.py").touch()


def test_a_room_is_opened_without_a_change_of_the_path(home: Path) -> None:
    before = [*sys.path]
    rooms.open_room("roomy")
    assert import_module("roomy").WHOSE == "ours"
    assert import_module("roomy.inside").__file__ == str(home / "roomy" / "inside.py")
    assert sys.path == before


def test_a_room_may_be_opened_twice(home: Path) -> None:
    rooms.open_room("roomy")
    opened = import_module("roomy")
    rooms.open_room("roomy")
    assert import_module("roomy") is opened


def test_a_room_of_a_checkout_is_open_already() -> None:
    rooms.open_room("indexer")
    assert sys.modules["indexer"] is indexer


@pytest.mark.parametrize("is_imported", [False, True])
def test_another_package_of_the_name_stays_and_is_named(
    home: Path, tmp_path: Path, is_imported: bool
) -> None:
    write_package(tmp_path / "theirs", "theirs")
    sys.path.insert(0, str(tmp_path / "theirs"))
    if is_imported:
        import_module("roomy")
    with pytest.raises(ImportError, match=r"'roomy'.*theirs.*REST") as caught:
        rooms.open_room("roomy")
    assert caught.value.name == "roomy"
    assert import_module("roomy").WHOSE == "theirs"


def test_in_a_process_of_ours_the_rooms_come_first(home: Path, tmp_path: Path) -> None:
    write_package(tmp_path / "theirs", "theirs")
    sys.path.insert(0, str(tmp_path / "theirs"))
    rooms.own_this_process()
    rooms.own_this_process()
    assert import_module("roomy").WHOSE == "ours"
    assert sys.path.count(str(home)) == 1


def test_the_script_is_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["vdr", "--version"])
    with pytest.raises(SystemExit) as caught:
        rooms.main()
    assert (caught.value.code, capsys.readouterr().out.split()[0]) == (0, "vdr")

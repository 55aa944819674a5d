"""Which engine `make containers` takes, and what it says where there is none."""

import os
import shutil

import pytest

from tests.containers import __main__ as program


@pytest.fixture
def without_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "_has_docker", lambda: False)


@pytest.mark.usefixtures("without_docker")
class TestNoEngine:
    def test_what_is_missing_is_said_in_a_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 0)
        monkeypatch.setattr(shutil, "which", lambda name: None if name in {"podman", "crun"} else name)
        assert program.main() == 0
        [line] = capsys.readouterr().out.splitlines()
        assert "missing podman, crun (apt-get install podman crun " in line

    def test_that_it_needs_root_is_said_in_a_line(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert program.main() == 0
        [line] = capsys.readouterr().out.splitlines()
        assert "root" in line


def test_a_client_without_a_running_docker_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    assert not program._has_docker()

"""A model by its Hub name: asked for as little as can be, and without a network not at all."""

import os
import socket
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from tests.fixtures.checkpoints import tiny_bert
from tests.fixtures.hub_server import HubServer, hub_server
from vdr.errors import ModelError
from vdr.models.hub import is_here
from vdr.models.loading import Models
from vdr.settings import ModelSettings


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub is at an address where nothing listens, and no proxy leads to it."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setattr("vdr.models.hub.getproxies", dict)
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")


def test_a_hub_that_does_not_answer_is_not_asked() -> None:
    assert is_here("some/model")


def test_one_that_answers_is_asked_for_what_is_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as hub:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{hub.getsockname()[1]}")
        assert not is_here("some/model")
        assert is_here(str(tmp_path))
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        assert is_here("some/model")


def test_a_proxy_is_taken_to_know_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vdr.models.hub.getproxies", lambda: {"https": "http://proxy:3128"})
    assert not is_here("some/model")


def test_a_name_that_cannot_be_had_is_one_error() -> None:
    with pytest.raises(ModelError, match=r"^no-one/has-this-model cannot be loaded: ") as refused:
        Models(ModelSettings(embedder="no-one/has-this-model")).embedder()
    assert "\n" not in str(refused.value)


# A process of its own: the Hub's address is read when its library is imported.
_LOAD = """
import sys
from vdr.errors import ModelError
from vdr.models.embedder import load_embedder
from vdr.settings import ModelSettings
for name in sys.argv[1:]:
    try:
        print(load_embedder(ModelSettings(embedder=name, reader=None, device="cpu")).name)
    except ModelError as error:
        print(error)
"""


def loaded(hub: HubServer, home: Path, *names: str) -> list[str]:
    """What loading each of these names from the Hub comes to, one line each."""
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", _LOAD, *names],
        env={**environment, "HF_ENDPOINT": hub.url, "HF_HOME": str(home), "NO_PROXY": "127.0.0.1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_start_asks_for_the_revision_once_and_for_each_file_once(tmp_path: Path) -> None:
    with hub_server("acme/tiny", tiny_bert(tmp_path / "tiny")) as hub:
        assert loaded(hub, tmp_path / "home", "acme/tiny") == ["acme/tiny"]
    counts = Counter(hub.asked)
    assert counts["GET /api/models/acme/tiny"] == 1
    assert any(asked.endswith("/config_sentence_transformers.json") for asked in counts)
    assert max(counts.values()) == 1


def test_a_second_start_asks_for_no_file_of_ours(tmp_path: Path) -> None:
    with hub_server("acme/tiny", tiny_bert(tmp_path / "tiny")) as hub:
        loaded(hub, tmp_path / "home", "acme/tiny")
        hub.asked.clear()
        assert loaded(hub, tmp_path / "home", "acme/tiny") == ["acme/tiny"]
    assert hub.asked.count("GET /api/models/acme/tiny") == 1
    files = {asked.rpartition("/")[2] for asked in hub.asked if "/resolve/" in asked}
    assert files <= {"README.md"}  # Sentence Transformers looks whether there is one by now


def test_a_name_that_the_hub_does_not_have_is_one_error(tmp_path: Path) -> None:
    with hub_server("acme/tiny", tiny_bert(tmp_path / "tiny")) as hub:
        said = loaded(hub, tmp_path / "home", "acme/other", "other")
    assert [line.partition(" cannot be loaded: ")[0] for line in said] == ["acme/other", "other"]

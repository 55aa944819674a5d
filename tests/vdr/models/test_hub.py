"""A model name without a network: said at once, instead of after a minute of retries."""

import socket
from contextlib import closing
from pathlib import Path

import pytest

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

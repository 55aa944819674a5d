"""`vdr serve`: how it ends, and what keeps it from starting."""

import gc
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from signal import SIGTERM
from subprocess import PIPE, STDOUT, Popen

import httpx
import pytest
import typer

from app.cli.serve import bind, look_for_cycles_seldom, run_service, serve
from app.presence import find_service, url_of
from tests.app.conftest import settings_in
from tests.fixtures.libraries import opened, tiny_models
from tests.fixtures.pdfs import write_pdf
from vdr.errors import BadSetting, ExitCode, IndexLocked
from vdr.settings import ServiceSettings

_PATIENCE_S = 60
_PROGRAM = """
from app.cli.serve import run_service
from tests.fixtures.libraries import tiny_models
from vdr.environment import read_settings

run_service(read_settings(), tiny_models())
"""

# Two processes that have imported all they need start in the same instant.
_AT_ONCE = """
import sys, time
from functools import partial
from pathlib import Path
import typer, uvicorn
import app.cli.index, app.service
from app.cli.main import _fail
from app.cli.serve import run_service
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import tiny_models
from vdr.errors import VdrError
from vdr.environment import read_settings

go, pause_s = Path(sys.argv.pop(1)), float(sys.argv.pop(1))
print("ready", flush=True)
while not go.exists():
    time.sleep(0.002)
time.sleep(pause_s)
"""
_SERVE = """
try:
    run_service(read_settings(), tiny_models())
except VdrError as error:
    _fail(str(error))
"""
_INDEX = """
app.cli.index.run = partial(app.cli.index.run, load=lambda _: TinyEmbedder())
try:
    typer.run(app.cli.index.index)
except VdrError as error:
    _fail(str(error))
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Popen[bytes], str]]:
    """A service as a process of its own, in which nothing indexes, and its address."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"VDR_DATA_DIR": str(tmp_path), "VDR_PORT": str(port), "VDR_WORKER": "false"}
    with Popen([sys.executable, "-c", _PROGRAM], env={**os.environ, **settings}) as process:
        yield process, f"http://127.0.0.1:{port}"
        process.kill()


class TestServe:
    def test_it_ends_though_somebody_follows_a_document(
        self, served: tuple[Popen[bytes], str], tmp_path: Path
    ) -> None:
        process, address = served
        with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=10)) as client:
            sent = {"files": write_pdf(tmp_path / "a.pdf", ["A page"]).read_bytes()}
            [upload] = client.post("/v1/documents", files=sent, timeout=_PATIENCE_S).json()["uploads"]
            with client.stream("GET", upload["document"]["events_url"], timeout=_PATIENCE_S) as events:
                lines = events.iter_lines()
                assert any(line == "event: queued" for line in lines)
                process.terminate()
                list(lines)  # to its end
        assert process.wait(_PATIENCE_S) in {0, -SIGTERM}

    def test_a_library_that_another_process_holds_is_not_served(self, tmp_path: Path) -> None:
        settings = settings_in(tmp_path)
        with opened(settings) as library:
            library.claim().count()
            with pytest.raises(IndexLocked):
                run_service(settings, tiny_models())

    def test_an_index_that_is_taken_between_check_and_start_is_said_in_a_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        settings = settings_in(tmp_path)
        service = ServiceSettings(host="127.0.0.1", port=0)
        with ExitStack() as other:

            def check(*_: object) -> None:
                other.enter_context(opened(settings)).claim().count()

            monkeypatch.setattr("app.cli.serve._check", check)
            with pytest.raises(typer.Exit):
                run_service(settings.model_copy(update={"service": service}), tiny_models())
        said = "".join(capfd.readouterr())
        assert "Traceback" not in said
        [line] = [each for each in said.splitlines() if "ERROR" in each and "using the index" in each]
        assert "'default'" in line

    @pytest.mark.parametrize("is_first", [True, False])
    def test_a_command_that_starts_with_it_uses_it_or_one_of_them_says_that_the_index_is_in_use(
        self, tmp_path: Path, is_first: bool
    ) -> None:
        """Whichever is first: the other one waits a moment, so that it looks while that one opens things."""
        write_pdf(tmp_path / "a.pdf", ["A page"])
        settings = {"VDR_DATA_DIR": str(tmp_path / "data"), "VDR_PORT": "0", "VDR_PAGE_LONG_SIDE": "256"}
        go = tmp_path / "go"

        def started(program: str, *arguments: str) -> Popen[str]:
            command = [sys.executable, "-c", _AT_ONCE + program, str(go), *arguments]
            return Popen(command, env={**os.environ, **settings}, stdout=PIPE, stderr=STDOUT, text=True)

        pauses = ("0", "0.15") if is_first else ("0.15", "0")
        with (
            started(_SERVE, pauses[0]) as service,
            started(_INDEX, pauses[1], str(tmp_path / "a.pdf")) as index,
        ):
            for process in (service, index):
                assert process.stdout is not None
                assert process.stdout.readline() == "ready\n"
            go.touch()
            said, _ = index.communicate(timeout=_PATIENCE_S)
            service.terminate()
            told, _ = service.communicate(timeout=_PATIENCE_S)
        assert "Traceback" not in said + told
        if index.returncode == ExitCode.OK:
            assert "a.pdf: 1 page indexed" in said
        else:
            assert index.returncode == ExitCode.NOT_DONE
            assert "Another process is using the index of collection 'default'." in said.splitlines()[-1]

    def test_a_port_that_is_taken_ends_it(self, tmp_path: Path) -> None:
        with closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            service = ServiceSettings(host="127.0.0.1", port=taken.getsockname()[1])
            settings = settings_in(tmp_path).model_copy(update={"service": service})
            with pytest.raises(BadSetting, match=r"Cannot listen on 127\.0\.0\.1, port .*--port"):
                run_service(settings, tiny_models())

    @pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
    def test_an_address_that_cannot_be_had_is_told_before_a_model_is_loaded(
        self, monkeypatch: pytest.MonkeyPatch, host: str
    ) -> None:
        monkeypatch.setenv("VDR_EMBEDDER", "/no/such/folder")
        with closing(socket.create_server(("127.0.0.1", 0))) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(BadSetting, match=rf"Cannot listen on {host}, port {port}: .*--port"):
                serve(host, port)

    def test_it_leaves_its_address_in_the_data_folder_until_it_ends(
        self, served: tuple[Popen[bytes], str], tmp_path: Path
    ) -> None:
        process, address = served
        with httpx.Client(transport=httpx.HTTPTransport(retries=10)) as client:
            assert client.get(f"{address}/healthz", timeout=_PATIENCE_S).is_success
        assert find_service(tmp_path) == address
        process.terminate()
        process.wait(_PATIENCE_S)
        assert find_service(tmp_path) is None
        assert not (tmp_path / "service.json").exists()


class TestBind:
    def test_port_0_is_a_free_one_for_all_addresses(self) -> None:
        with ExitStack() as opened:
            sockets = [
                opened.enter_context(closing(each))
                for each in bind(ServiceSettings(host="localhost", port=0))
            ]
            assert len({each.getsockname()[1] for each in sockets}) == 1
            assert url_of(sockets).endswith(f":{sockets[0].getsockname()[1]}")

    def test_asyncio_knows_that_they_are_tcp_and_sends_answers_at_once(self) -> None:
        with closing(bind(ServiceSettings(host="127.0.0.1", port=0))[0]) as bound:
            assert bound.proto == socket.IPPROTO_TCP

    def test_a_service_on_all_addresses_is_reached_on_this_machine(self) -> None:
        with closing(bind(ServiceSettings(host="0.0.0.0", port=0))[0]) as everywhere:
            assert url_of([everywhere]) == f"http://127.0.0.1:{everywhere.getsockname()[1]}"


def test_what_is_there_when_the_service_starts_is_not_looked_through_again():
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    try:
        look_for_cycles_seldom()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() > (700, 10, 10)
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)

"""docs/team.md: a login and TLS in front of the service, by the Caddyfile that it names, run by Caddy."""

import json
import os
import re
import shlex
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import which
from time import monotonic, sleep

import httpx
import pytest

from tests.app.conftest import WHALES
from tests.app.talking import Service, files
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.processes import free_port
from tests.fixtures.serving import serving
from tests.project.examples import commands_in, examples_in
from tests.project.files import ROOT, table_rows, text_of
from vdr.settings import ServiceSettings

CADDY = which("caddy")
USER, COMMANDS, UPLOAD = [example.text for example in examples_in("docs/team.md")]
_PATIENCE_S = 60.0
PASSWORD = "secret"  # whose hash docs/team.md shows
needs_caddy = pytest.mark.skipif(CADDY is None, reason="no caddy is installed")


@dataclass(frozen=True)
class Team:
    """The service behind the proxy, under the name that docs/team.md gives it."""

    port: int
    site: str
    root_path: str
    certificate: Path

    def client(self, user: str | None = None) -> httpx.Client:
        def named(request: httpx.Request) -> None:
            request.headers["Host"] = self.site
            request.extensions["sni_hostname"] = self.site

        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.port}{self.root_path}",
            verify=ssl.create_default_context(cafile=str(self.certificate)),
            auth=(user, PASSWORD) if user else None,
            event_hooks={"request": [named]},
            trust_env=False,
            timeout=_PATIENCE_S,
        )


def variables() -> dict[str, str]:
    """What the commands set, for the service and for the proxy."""
    return {name: value for command in commands_in(COMMANDS) for name, value in command.variables.items()}


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder, told = tmp_path_factory.mktemp("team"), variables()
    (folder / "users").write_text(USER)
    service = ServiceSettings(
        allowed_hosts=tuple(json.loads(told["VDR_ALLOWED_HOSTS"])), root_path=told["VDR_ROOT_PATH"]
    )
    ports = {"HTTP_PORT": free_port(), "HTTPS_PORT": free_port()}
    with serving(folder, service) as address:
        environment = os.environ | told | {name: str(port) for name, port in ports.items()}
        # No authority of the internet signs a certificate here.
        environment |= {"TLS": "internal", "USERS": str(folder / "users"), "XDG_DATA_HOME": str(folder)}
        environment |= {"UPSTREAM": address.removeprefix("http://")}
        (line,) = [each for each in COMMANDS.splitlines() if "caddy run" in each]
        command = shlex.split(line[line.index("caddy run") :])
        proxy = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
        try:
            certificate = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
            made = Team(ports["HTTPS_PORT"], told["SITE"], told["VDR_ROOT_PATH"], certificate)
            _wait_for(made, proxy)
            yield made
        finally:
            proxy.terminate()
            proxy.wait(_PATIENCE_S)


def _wait_for(team: Team, proxy: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + _PATIENCE_S
    while True:
        try:
            with team.client() as client:
                client.get("/readyz")
        except (OSError, httpx.TransportError):
            assert proxy.poll() is None, "Caddy has ended"
            assert monotonic() < deadline, "Caddy does not answer"
            sleep(0.05)
        else:
            return


@needs_caddy
class TestBehindTheProxy:
    @pytest.mark.parametrize("path", ["/", "/v1/documents", "/readyz", "/static/style.css"])
    def test_nothing_is_shown_without_a_login(self, team: Team, path: str) -> None:
        with team.client() as client:
            answer = client.get(path)
        assert answer.status_code == httpx.codes.UNAUTHORIZED
        assert answer.headers["www-authenticate"].startswith("Basic")
        assert answer.content == b""

    def test_a_wrong_user_is_refused(self, team: Team) -> None:
        with team.client("berta") as client:
            assert client.get("/").status_code == httpx.codes.UNAUTHORIZED

    def test_uploads_are_searched_and_say_who_added_them(self, team: Team, tmp_path: Path) -> None:
        whales = write_pdf(tmp_path / "whales.pdf", WHALES)
        with team.client("anna") as client:
            forged = {"X-Forwarded-User": "mallory"}
            taken = client.post("/v1/documents", files=files(whales), headers=forged)
            assert taken.status_code == httpx.codes.ACCEPTED
            document = Service(client).settled(sha256(whales.read_bytes()).hexdigest())  # type: ignore[arg-type]
            assert (document["state"], document["added_by"]) == ("indexed", "anna")
            found = client.post("/v1/search", json={"query": "what do humpback whales sing"}).json()["hits"]
            assert found[0]["page_number"] == 2
            image = client.get(f"https://127.0.0.1:{team.port}{found[0]['image_url']}")
            assert image.headers["content-type"] == "image/webp"

    def test_the_web_ui_is_below_the_path(self, team: Team) -> None:
        with team.client("anna") as client:
            elsewhere = client.get(f"https://127.0.0.1:{team.port}/")
            assert elsewhere.headers["location"] == f"{team.root_path}/"
            page = client.get("/")
            assert page.status_code == httpx.codes.OK
            assert f'"{team.root_path}/static/' in page.text

    def test_curl_uploads_as_it_says(self, team: Team, tmp_path: Path) -> None:
        write_pdf(tmp_path / "report.pdf", WHALES[:1])
        url = f"https://{team.site}"
        script = UPLOAD.replace(url, f"{url}:{team.port}").replace("-u anna", f"-u anna:{PASSWORD}")
        options = f"--noproxy '*' -s --cacert {team.certificate} --resolve {team.site}:{team.port}:127.0.0.1"
        command = ["bash", "-ec", script.replace("curl ", f"curl {options} ", 1)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert json.loads(done.stdout)["uploads"][0]["document"]["added_by"] == "anna"


@pytest.mark.parametrize("path", ["deploy/Caddyfile", "deploy/Caddyfile.team"])
@needs_caddy
def test_caddy_finds_a_caddyfile_valid(path: str, tmp_path: Path) -> None:
    (tmp_path / "users").write_text(USER)
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(ROOT / path)]
    environment = os.environ | {"USERS": str(tmp_path / "users"), "XDG_DATA_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_variable_of_the_caddyfile_is_documented_with_its_default() -> None:
    read = dict(re.findall(r"\{\$(\w+):?([^}]*)\}", text_of("deploy/Caddyfile.team")))
    rows = table_rows(text_of("docs/team.md"))
    told = {
        name: default
        for names, defaults, _ in rows
        for name, default in zip(_codes(names), _codes(defaults) or [""], strict=True)
    }
    assert told == read


def _codes(cell: str) -> list[str]:
    return re.findall(r"[\w.:/]+", cell) if cell != "empty" else []

"""Dockerfile and compose files: sound by themselves, and in step with the program's settings."""

import json
import os
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from app.cli.serve import KEEP_ALIVE_S
from tests.project.files import ROOT, text_of
from tests.project.settings import default_of, setting_fields

PROJECT = tomllib.loads(text_of("pyproject.toml"))["project"]
SETTINGS = dict(setting_fields())
ONE_API, SCALE = "docker-compose.yml", "docker-compose.scale.yml"
FILES = [ONE_API, SCALE]
# A variable with a default, or one that compose refuses to do without.
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::(-[^}]*|\?[^}]+))?\}")
_SECRET = re.compile("KEY$|SECRET|TOKEN|PASSWORD|DATABASE_URL|MC_HOST")
# The Qdrant server of either file is reached by the service alone, without a key; `vdr worker` is a worker.
NEEDLESS = {"VDR_QDRANT_API_KEY"}
# Which services are started: those without a profile, and those of profiles that are asked for.
PROFILES = [(ONE_API, ""), (SCALE, ""), (SCALE, "gpu")]


@pytest.fixture(params=FILES)
def compose(request: pytest.FixtureRequest) -> dict[str, Any]:
    return compose_file(request.param)


def compose_file(path: str) -> dict[str, Any]:
    return dict(yaml.safe_load(text_of(path)))


def services_of(path: str, profile: str) -> dict[str, Any]:
    """The services that are started with a profile, or without one."""
    services = compose_file(path)["services"]
    return {name: each for name, each in services.items() if {profile} >= set(each.get("profiles", []))}


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Instruction and arguments, continued lines joined, comments left out."""
    lines = [line for line in dockerfile.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split(maxsplit=1)[0].upper(), line.split(maxsplit=1)[1]) for line in joined.splitlines()]


DOCKERFILE = instructions(text_of("Dockerfile"))
LAST_STAGE = DOCKERFILE[max(n for n, (name, _) in enumerate(DOCKERFILE) if name == "FROM") :]


def arguments(name: str, stage: list[tuple[str, str]] = LAST_STAGE) -> list[str]:
    return [given for each, given in stage if each == name]


class TestDockerfile:
    def test_every_base_image_has_a_version(self) -> None:
        stages = {base.split()[-1] for base in arguments("FROM", DOCKERFILE) if " AS " in base}
        for base in arguments("FROM", DOCKERFILE):
            assert base.split()[0] in stages or re.match(r"[\w./-]+:\d[\w.-]*( AS \w+)?$", base), base

    def test_a_change_of_the_program_builds_no_dependency_again(self) -> None:
        before_sources = DOCKERFILE[: DOCKERFILE.index(("COPY", "vdr ./vdr"))]
        assert [
            given for name, given in before_sources if "pip install" in given and "requirements.txt" in given
        ]
        # What the last stage takes from where the sources are is the program alone, and comes last.
        copied = arguments("COPY")
        assert copied == ["--from=dependencies /opt/vdr /opt/vdr", "--from=program /opt/program /opt/vdr"]
        layers = [(name, given) for name, given in LAST_STAGE if name in {"RUN", "COPY"}]
        assert layers[-2:] == [("COPY", given) for given in copied]

    def test_what_runs_is_not_root(self) -> None:
        (user,) = arguments("USER")
        assert re.fullmatch(r"([1-9]\d+):\1", user)
        assert f"`{user}`" in text_of("docs/operations.md")
        assert [name for name, _ in LAST_STAGE].index("USER") < [name for name, _ in LAST_STAGE].index("CMD")

    def test_its_health_is_that_of_the_service(self) -> None:
        (check,) = arguments("HEALTHCHECK")
        assert "/readyz" in check

    def test_the_health_check_is_a_program_that_runs(self) -> None:
        (check,) = arguments("HEALTHCHECK")
        program, flag, code = json.loads(check.partition("CMD ")[2])
        assert (program, flag) == ("python", "-c")
        compile(code, "HEALTHCHECK", "exec")

    def test_it_starts_without_a_shell_so_that_a_stop_reaches_it(self) -> None:
        (command,) = arguments("CMD")
        assert json.loads(command) == ["vdr", "serve"]

    def test_data_outlives_the_container(self) -> None:
        assert arguments("VOLUME") == ["/data"]
        assert "VDR_DATA_DIR=/data" in " ".join(arguments("ENV"))

    def test_poppler_is_in_it(self) -> None:
        assert "poppler-utils" in " ".join(arguments("RUN"))

    def test_it_is_for_cpus_unless_told_otherwise(self) -> None:
        assert "TORCH_INDEX=https://download.pytorch.org/whl/cpu" in arguments("ARG", DOCKERFILE)

    @pytest.mark.parametrize("extras", ["", "qwen", "qwen mcp"])
    def test_what_it_installs_is_what_the_project_requires_with_the_extras(self, extras: str) -> None:
        assert 'EXTRAS="qwen mcp"' in arguments("ARG", DOCKERFILE)
        (run,) = [given for given in arguments("RUN", DOCKERFILE) if "tomllib" in given]
        script = run.replace("> /requirements.txt", "").replace("python", sys.executable, 1)
        said = subprocess.run(
            ["sh", "-c", script],
            cwd=ROOT,
            check=True,
            env=os.environ | {"EXTRAS": extras},
            capture_output=True,
        ).stdout
        added = (PROJECT["optional-dependencies"][name] for name in extras.split())
        wanted = [*PROJECT["dependencies"], *chain.from_iterable(added)]
        assert said.decode().splitlines() == wanted

    @pytest.mark.parametrize("index", ["https://download.pytorch.org/whl/cu130", "file:///indexes/cu130/"])
    def test_the_builds_of_torch_are_the_last_part_of_the_index(self, index: str, tmp_path: Path) -> None:
        (run,) = [given for given in arguments("RUN", DOCKERFILE) if "sed" in given]
        (tmp_path / "constraints.txt").write_text(text_of("constraints.txt"))
        script = run.replace("/opt/vdr/bin/pip", "true")
        env = os.environ | {"TORCH_INDEX": index}
        subprocess.run(["sh", "-c", script], cwd=tmp_path, check=True, env=env)
        changed = set((tmp_path / "builds.txt").read_text().splitlines()) - set(
            text_of("constraints.txt").splitlines()
        )
        assert {line.split("==")[0]: line.split("+")[1] for line in changed} == {
            "torch": "cu130",
            "torchvision": "cu130",
        }

    def test_all_that_is_installed_is_of_these_builds(self) -> None:
        installs = [given for given in arguments("RUN", DOCKERFILE) if "/opt/vdr/bin/pip install" in given]
        assert all("-c builds.txt" in given or "--no-deps" in given for given in installs)

    def test_what_builds_the_program_is_pinned_too(self) -> None:
        (build,) = [given for given in arguments("RUN", DOCKERFILE) if "pip wheel" in given]
        assert "--no-build-isolation" in build
        (backend,) = re.findall(r'^requires = \["(\w+)"\]', text_of("pyproject.toml"), re.MULTILINE)
        assert any(f"-c constraints.txt {backend}" in given for given in arguments("RUN", DOCKERFILE))

    def test_everything_it_copies_is_let_through_by_dockerignore(self) -> None:
        builder = [given for name, given in DOCKERFILE if name == "COPY" and "--from" not in given]
        copied = {source.removeprefix("./") for given in builder for source in given.split()[:-1]}
        let_through = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
        assert copied == let_through
        assert all((ROOT / source).exists() for source in copied)


class TestCompose:
    @pytest.mark.parametrize("path", FILES)
    def test_it_follows_the_compose_specification(self, path: str) -> None:
        # Which is about values put in: a number of replicas is a number only then.
        compose = yaml.safe_load(_VARIABLE.sub(lambda found: example().get(found[1]) or "x", text_of(path)))
        schema = json.loads(text_of("tests/project/compose-spec.json"))
        # Named outright: the schema names its draft in a way of its own.
        Draft201909Validator(schema).validate(compose)

    def test_every_image_has_a_version(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            assert re.search(r":(v?\d+(\.\d+){1,2}|RELEASE\.[\dTZ-]+)$", service["image"])

    def test_our_images_have_the_version_of_the_package(self, compose: dict[str, Any]) -> None:
        version = re.search(r'^version = "(.+)"$', text_of("pyproject.toml"), re.MULTILINE)
        assert version
        built = {service["image"] for service in compose["services"].values() if "build" in service}
        assert built
        assert built <= {f"vdr:{version[1]}", f"vdr-gpu:{version[1]}"}

    def test_the_server_is_at_most_one_minor_version_from_its_client(self, compose: dict[str, Any]) -> None:
        server = re.search(r":v1\.(\d+)", compose["services"]["qdrant"]["image"])
        client = re.search(r"^qdrant-client==1\.(\d+)", text_of("constraints.txt"), re.MULTILINE)
        assert server
        assert client
        assert abs(int(server[1]) - int(client[1])) <= 1

    def test_one_port_is_published_and_on_this_machine_alone(self, compose: dict[str, Any]) -> None:
        ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
        assert ports == ["127.0.0.1:${VDR_PORT:-8000}:8000"]

    def test_data_lies_in_named_volumes(self, compose: dict[str, Any]) -> None:
        mounted = [
            volume.split(":")[0]
            for each in compose["services"].values()
            for volume in each.get("volumes", [])
            if not volume.endswith(":ro")
        ]
        assert set(mounted) == set(compose["volumes"])

    def test_files_that_are_mounted_are_there(self, compose: dict[str, Any]) -> None:
        volumes = [volume for each in compose["services"].values() for volume in each.get("volumes", [])]
        assert all((ROOT / volume.split(":")[0]).is_file() for volume in volumes if volume.endswith(":ro"))

    def test_secrets_come_from_outside_or_compose_refuses(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            for name, value in service.get("environment", {}).items():
                if _SECRET.search(name) and not name.endswith("_ID"):
                    ((_, alternative),) = _VARIABLE.findall(value)
                    # Or they are of something that need not be had.
                    assert alternative.startswith("?") or alternative == "-", name

    def test_nothing_may_gain_privileges(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            assert service["security_opt"] == ["no-new-privileges:true"]

    @pytest.mark.parametrize(("path", "profile"), PROFILES)
    def test_services_depend_on_services_that_are_started_too(self, path: str, profile: str) -> None:
        started = services_of(path, profile)
        for service in started.values():
            assert set(service.get("depends_on", {})) <= set(started)

    @pytest.mark.parametrize(("path", "profile"), PROFILES)
    def test_each_waits_until_what_it_needs_is_ready(self, path: str, profile: str) -> None:
        started = services_of(path, profile)
        for service in started.values():
            for needed, how in service.get("depends_on", {}).items():
                has_health = "healthcheck" in started[needed] or needed == "api"  # the image's own
                assert how["condition"] == (
                    "service_healthy" if has_health else "service_completed_successfully"
                )

    @pytest.mark.parametrize(("path", "profile"), PROFILES)
    def test_every_host_spoken_of_is_a_service_that_is_waited_for(self, path: str, profile: str) -> None:
        started = services_of(path, profile)
        for service in started.values():
            values = " ".join(map(str, service.get("environment", {}).values()))
            hosts = set(re.findall(r"(?:://|@)([a-z]+):\d+", values))
            assert hosts <= waited_for(service, started)


class TestScale:
    SERVICES = compose_file(SCALE)["services"]

    def test_the_api_only_serves_and_workers_index(self) -> None:
        api, worker = self.SERVICES["api"], self.SERVICES["worker"]
        assert api["environment"] == {**worker["environment"], "VDR_WORKER": "false"}
        assert worker["command"] == self.SERVICES["gpu-worker"]["command"] == ["vdr", "worker"]

    @pytest.mark.parametrize("name", ["worker", "gpu-worker"])
    def test_workers_are_not_asked_whether_they_serve(self, name: str) -> None:
        assert self.SERVICES[name]["healthcheck"] == {"disable": True}

    @pytest.mark.parametrize("name", ["api", "worker", "gpu-worker"])
    def test_how_many_there_are_is_a_variable(self, name: str) -> None:
        assert _VARIABLE.fullmatch(self.SERVICES[name]["deploy"]["replicas"])
        assert not self.SERVICES[name].get("ports")

    def test_a_gpu_worker_has_a_gpu_and_a_build_for_it(self) -> None:
        worker = self.SERVICES["gpu-worker"]
        (device,) = worker["deploy"]["resources"]["reservations"]["devices"]
        assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
        assert example()["GPU_TORCH_INDEX"] in worker["build"]["args"]["TORCH_INDEX"]
        assert worker["image"] != self.SERVICES["worker"]["image"]

    def test_the_proxy_passes_on_to_every_replica_at_once_and_without_a_limit(self) -> None:
        told = text_of("deploy/Caddyfile")
        assert "dynamic a api 8000" in told
        assert "flush_interval -1" in told
        assert "request_body" not in told

    def test_the_proxy_lets_go_of_idle_connections_before_the_replicas_do(self) -> None:
        [kept] = re.findall(r"keepalive (\d+)s", text_of("deploy/Caddyfile"))
        assert int(kept) < KEEP_ALIVE_S


class TestSettingsInStep:
    @pytest.mark.parametrize("path", [*FILES, ".env.example", "Dockerfile", "Makefile"])
    def test_every_setting_spoken_of_exists(self, path: str) -> None:
        assert set(re.findall(r"\bVDR_[A-Z0-9_]+", text_of(path))) <= set(SETTINGS)

    @pytest.mark.parametrize("path", FILES)
    def test_every_setting_is_laid_down_or_passed_through(self, path: str) -> None:
        of_the_image = set(re.findall(r"\bVDR_[A-Z0-9_]+", " ".join(arguments("ENV"))))
        for service in compose_file(path)["services"].values():
            if service["image"].startswith("vdr"):
                of_the_file = {name for name in service["environment"] if name.startswith("VDR_")}
                needless = NEEDLESS | ({"VDR_WORKER"} if "command" in service else set())
                assert of_the_image | of_the_file == set(SETTINGS) - needless
                assert not of_the_image & of_the_file

    @pytest.mark.parametrize("path", FILES)
    def test_what_is_passed_through_has_its_default_from_the_program_alone(self, path: str) -> None:
        for service in compose_file(path)["services"].values():
            for name, value in service.get("environment", {}).items():
                if name in SETTINGS and "VDR_" in str(value):
                    assert value == f"${{{name}:-}}"

    def test_the_example_has_what_compose_reads_besides_settings(self) -> None:
        read = {name for path in FILES for name, _ in _VARIABLE.findall(text_of(path))}
        assert read - set(SETTINGS) <= set(example()) <= read

    @pytest.mark.parametrize("path", FILES)
    def test_example_and_compose_have_the_same_defaults(self, path: str) -> None:
        for name, alternative in _VARIABLE.findall(text_of(path)):
            if name not in SETTINGS:
                assert example()[name] == (alternative[1:] if alternative.startswith("-") else "")

    def test_the_example_has_the_defaults_of_the_program(self) -> None:
        for name in set(example()) & set(SETTINGS):
            assert example()[name] == default_of(SETTINGS[name])
        assert f"${{VDR_PORT:-{default_of(SETTINGS['VDR_PORT'])}}}" in text_of(ONE_API)


def waited_for(service: dict[str, Any], started: dict[str, Any]) -> set[str]:
    """The services that are ready before this one starts."""
    needed = set(service.get("depends_on", {}))
    return needed.union(*(waited_for(started[each], started) for each in needed))


def example() -> dict[str, str]:
    lines = (line for line in text_of(".env.example").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)

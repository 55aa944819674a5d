"""Dockerfile and compose file: sound by themselves, and in step with the program's settings."""

import json
import re
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from tests.project.files import ROOT, text_of
from tests.project.settings import default_of, setting_fields

SETTINGS = dict(setting_fields())
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::-([^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(text_of("docker-compose.yml")))


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
        for base in arguments("FROM", DOCKERFILE):
            assert re.match(r"[\w./-]+:\d[\w.-]*( AS \w+)?$", base), base

    def test_what_runs_is_not_root(self) -> None:
        (user,) = arguments("USER")
        assert user not in {"root", "0"}
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
        assert arguments("ARG", DOCKERFILE) == ["TORCH_INDEX=https://download.pytorch.org/whl/cpu"]

    def test_everything_it_copies_is_let_through_by_dockerignore(self) -> None:
        builder = [given for name, given in DOCKERFILE if name == "COPY" and "--from" not in given]
        copied = {source.removeprefix("./") for given in builder for source in given.split()[:-1]}
        let_through = {line[1:] for line in text_of(".dockerignore").splitlines() if line.startswith("!")}
        assert copied == let_through
        assert all((ROOT / source).exists() for source in copied)


class TestCompose:
    def test_it_follows_the_compose_specification(self, compose: dict[str, Any]) -> None:
        schema = json.loads(text_of("tests/project/compose-spec.json"))
        # Named outright: the schema names its draft in a way of its own.
        Draft201909Validator(schema).validate(compose)

    def test_every_image_has_a_version(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            assert re.search(r":v?\d+\.\d+\.\d+$", service["image"])

    def test_our_image_has_the_version_of_the_package(self, compose: dict[str, Any]) -> None:
        version = re.search(r'^version = "(.+)"$', text_of("pyproject.toml"), re.MULTILINE)
        assert version
        assert compose["services"]["api"]["image"] == f"vdr:{version[1]}"

    def test_the_server_is_at_most_one_minor_version_from_its_client(self, compose: dict[str, Any]) -> None:
        server = re.search(r":v1\.(\d+)", compose["services"]["qdrant"]["image"])
        client = re.search(r"^qdrant-client==1\.(\d+)", text_of("constraints.txt"), re.MULTILINE)
        assert server
        assert client
        assert abs(int(server[1]) - int(client[1])) <= 1

    def test_no_port_is_open_to_the_network(self, compose: dict[str, Any]) -> None:
        ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
        assert ports
        assert all(port.startswith("127.0.0.1:") for port in ports)

    def test_the_service_waits_for_a_healthy_server(self, compose: dict[str, Any]) -> None:
        assert compose["services"]["api"]["depends_on"] == {"qdrant": {"condition": "service_healthy"}}
        assert "healthcheck" in compose["services"]["qdrant"]

    def test_data_lies_in_named_volumes(self, compose: dict[str, Any]) -> None:
        mounted = [
            volume.split(":")[0] for each in compose["services"].values() for volume in each["volumes"]
        ]
        assert set(mounted) == set(compose["volumes"])

    def test_no_secret_stands_in_it(self, compose: dict[str, Any]) -> None:
        for service in compose["services"].values():
            assert not [
                name for name in service["environment"] if re.search("KEY|SECRET|TOKEN|PASSWORD", name)
            ]


class TestSettingsInStep:
    @pytest.mark.parametrize("path", ["docker-compose.yml", ".env.example", "Dockerfile", "Makefile"])
    def test_every_setting_spoken_of_exists(self, path: str) -> None:
        assert set(re.findall(r"\bVDR_[A-Z0-9_]+", text_of(path))) <= set(SETTINGS)

    def test_the_example_has_what_compose_reads_and_nothing_else(self) -> None:
        assert set(example()) == {name for name, _ in _VARIABLE.findall(text_of("docker-compose.yml"))}

    def test_example_and_compose_have_the_defaults_of_the_program(self) -> None:
        for name, default in _VARIABLE.findall(text_of("docker-compose.yml")):
            assert example()[name] == default
            if name in SETTINGS:
                assert default == default_of(SETTINGS[name])


def example() -> dict[str, str]:
    lines = (line for line in text_of(".env.example").splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)

"""Dashboard, alerts and documents speak of the metrics that the service has, and of no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from subprocess import run
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from app.metrics import _REQUEST_S
from app.service import create_app
from tests.app.conftest import settings_in
from tests.fixtures.libraries import tiny_models
from tests.project.files import ROOT, table_rows, text_of

ALERTS, DASHBOARD, SCRAPED = (
    f"deploy/monitoring/{name}" for name in ("alerts.yml", "dashboard.json", "prometheus.yml")
)
_NAME = re.compile(r"\bvdr_[a-z_]+\b")
_ENDINGS = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum"), "gauge": ("",)}


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> list[Metric]:
    with TestClient(create_app(settings_in(tmp_path_factory.mktemp("metrics")), tiny_models())) as client:
        found = list(text_string_to_metric_families(client.get("/metrics").text))
    return [each for each in found if each.name.startswith("vdr_")]


@pytest.fixture(scope="module")
def samples(families: list[Metric]) -> set[str]:
    """The names that queries may use."""
    return {f"{each.name}{ending}" for each in families for ending in _ENDINGS[each.type]}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(text_of(ALERTS))["groups"] for rule in group["rules"]]


def queries() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    for panel in json.loads(text_of(DASHBOARD))["panels"]:
        yield from (target["expr"] for target in panel.get("targets", ()))


def test_every_metric_of_a_query_exists(samples: set[str]) -> None:
    named = {name for query in queries() for name in _NAME.findall(query)}
    assert len(named) > 20
    assert named <= samples


def test_every_metric_is_documented_and_no_other(families: list[Metric]) -> None:
    rows = table_rows(text_of("docs/operations.md"))
    documented = {name for row in rows for name in re.findall(r"`(vdr_[a-z_]+)`", row[0])}
    assert documented == {f"{each.name}{'_total' if each.type == 'counter' else ''}" for each in families}


def test_every_metric_is_on_the_dashboard(families: list[Metric]) -> None:
    shown = " ".join(target for target in queries())
    assert [each.name for each in families if each.name not in shown] == []


def test_every_bound_of_a_histogram_is_one_of_its_buckets() -> None:
    bounds = {bound for query in queries() for bound in re.findall(r'le="([^"]+)"', query)}
    assert bounds
    assert {float(bound) for bound in bounds} <= set(_REQUEST_S)


def test_every_alert_is_documented_with_what_to_do_and_no_other() -> None:
    rows = table_rows(text_of("docs/operations.md"))
    documented = {name for row in rows for name in re.findall(r"`(Vdr[A-Za-z]+)`", row[0])}
    assert documented == {rule["alert"] for rule in rules()}
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules())


def test_objectives_are_those_of_the_alerts() -> None:
    """What docs/operations.md promises is what the rules compare with."""
    objectives = text_of("docs/operations.md").partition("## Objectives")[2].partition("\n## ")[0]
    exprs = {rule["alert"]: rule["expr"] for rule in rules()}
    assert "99.5 %" in objectives
    assert "0.005" in exprs["VdrFailingFast"]
    assert "0.005" in exprs["VdrFailingSlowly"]
    assert "95 % of searches take at most 0.5 s" in objectives
    assert 'le="0.5"' in exprs["VdrSearchesSlow"]
    assert exprs["VdrSearchesSlow"].strip().endswith("< 0.95")
    assert "10 minutes" in objectives
    assert exprs["VdrUploadsWait"].endswith("> 600")


def test_what_is_scraped_are_services_of_the_compose_file() -> None:
    services = yaml.safe_load(text_of("docker-compose.scale.yml"))["services"]
    jobs = yaml.safe_load(text_of(SCRAPED))["scrape_configs"]
    named = {name for job in jobs for found in job["dns_sd_configs"] for name in found["names"]}
    assert named <= services.keys()
    assert {job["job_name"] for job in jobs} == {"vdr", "vdr-worker"}


def test_panels_do_not_lie_over_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(text_of(DASHBOARD))["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        taken |= cells


@pytest.mark.skipif(which("promtool") is None, reason="no promtool is installed")
def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    done = run(["promtool", "check", "rules", ROOT / ALERTS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""The port of its own at which a worker is asked."""

import socket
from contextlib import closing

import httpx
import pytest

from indexer.metrics.process import new_registry
from indexer.metrics.server import metrics_served
from indexer.metrics.work import WorkMetrics
from vdr.errors import BadSetting


def test_it_is_there_until_the_block_ends():
    registry = new_registry()
    WorkMetrics(registry)
    with httpx.Client(trust_env=False) as client:
        with metrics_served(registry, "127.0.0.1", 0) as port:
            told = client.get(f"http://127.0.0.1:{port}/metrics").text
        assert "vdr_pages_indexed_total 0.0" in told
        assert "process_resident_memory_bytes" in told
        with pytest.raises(httpx.ConnectError):
            client.get(f"http://127.0.0.1:{port}/metrics")


def test_a_port_that_is_taken_is_a_setting_that_cannot_work():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(BadSetting, match="--metrics-port"),
            metrics_served(new_registry(), "127.0.0.1", port),
        ):
            pass

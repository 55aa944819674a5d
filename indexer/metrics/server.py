"""A port of its own at which Prometheus asks a worker, which serves nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server

from vdr.errors import BadSetting


@contextmanager
def metrics_served(registry: CollectorRegistry, host: str, port: int) -> Iterator[int]:
    """Serves the metrics of a registry at `/metrics` inside the block; the port, of 0 the one picked.

    Raises BadSetting where it cannot listen.
    """
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise BadSetting(
            f"Cannot listen on {host}, port {port}, for metrics: {error.strerror}.",
            remedy="Choose another port (--metrics-port or VDR_METRICS_PORT).",
        ) from error
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

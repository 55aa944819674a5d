"""The registry of a process: its version, memory, processor time and open files, and whatever is added."""

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, disable_created_metrics

from vdr.distribution import vdr_version


def new_registry() -> CollectorRegistry:
    """A registry that knows the process; nothing in it is shared with another."""
    # When each series began would be a third of all lines, and nobody asks for it.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    about = Gauge(
        "vdr_build_info", "Always 1; the label says which version runs.", ["version"], registry=registry
    )
    about.labels(vdr_version()).set(1)
    return registry

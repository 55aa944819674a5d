"""Traces of requests, from HTTP through plan and engine, for a collector (OpenTelemetry, extra `otel`).

The framework makes the span of a request and takes up the trace that its caller began; the spans within are
those of `vdr.spans`. Nothing of OpenTelemetry's SDK is imported before a setting asks for it.
"""

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from vdr.distribution import vdr_version
from vdr.errors import BadSetting
from vdr.telemetry_settings import TelemetrySettings
from vdr.types import SearchRequest, SearchResult

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class Tracing:
    """Makes spans with a provider of its own: nothing global is touched."""

    def __init__(self, provider: "TracerProvider") -> None:
        self.provider = provider
        self._tracer = provider.get_tracer("vdr", vdr_version())

    def __call__(self, name: str) -> AbstractContextManager[object]:
        """A span below the current one. What was raised in it is told by the request's alone, by its kind."""
        return self._tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False)

    def searched(self, request: SearchRequest, result: SearchResult) -> None:
        """Note on the current span what kind of search it was; nothing of what was asked."""
        from opentelemetry.trace import get_current_span  # noqa: PLC0415

        told: dict[str, Any] = {
            "vdr.search.effort": request.effort.value,
            "vdr.search.mode": request.mode.value,
            "vdr.search.hits": len(result.hits),
            "vdr.search.left_out": result.left_out,
        }
        get_current_span().set_attributes(told)

    def trace_id(self) -> str | None:
        """The id of the trace at hand, as `traceparent` has it; None of a request that is not traced."""
        from opentelemetry.trace import format_trace_id, get_current_span  # noqa: PLC0415

        context = get_current_span().get_span_context()
        return format_trace_id(context.trace_id) if context.trace_flags.sampled else None

    def close(self) -> None:
        """Send what has not been sent yet."""
        self.provider.shutdown()


def open_tracing(settings: TelemetrySettings) -> Tracing | None:
    """The traces that the settings ask for. Raises BadSetting where the extra is not installed."""
    if settings.traces_url is None:
        return None
    try:
        from app.otel import new_provider  # noqa: PLC0415
    except ImportError as error:
        raise BadSetting(
            "VDR_TRACES_URL needs OpenTelemetry, which is not installed.",
            remedy="Install the extra otel (pip install 'vdr-pages[otel]'), or unset VDR_TRACES_URL.",
        ) from error
    return Tracing(new_provider(settings.traces_url, settings.traces_share))

"""What is imported of OpenTelemetry's SDK, which only the extra `otel` installs."""

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from vdr.distribution import vdr_version

_QUERY = "url.query"


class WithoutQuestions(SpanProcessor):
    """Hides the query of an address, which has the question in the web UI, before any exporter sees it."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Called with each span that begins."""
        if span.attributes is not None and _QUERY in span.attributes:
            span.set_attribute(_QUERY, "REDACTED")


def new_provider(url: str | None, share: float) -> TracerProvider:
    """A provider that sends spans to an OTLP collector; without one nowhere, until it gets a processor.

    `share` of the traces that begin here are kept, and all of those that callers have decided to keep.
    """
    about = Resource.create({"service.name": "vdr", "service.version": vdr_version()})
    provider = TracerProvider(resource=about, sampler=ParentBased(TraceIdRatioBased(share)))
    provider.add_span_processor(WithoutQuestions())
    if url is not None:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
    return provider

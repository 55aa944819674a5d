"""VDR_* settings of what operators see from outside: metrics, traces and logs."""

from enum import StrEnum

from pydantic import Field
from pydantic_settings import BaseSettings

from vdr.variables import FROM_ENVIRONMENT


class LogFormat(StrEnum):
    """How lines of the log are written: for people, or one JSON object each."""

    TEXT = "text"
    JSON = "json"


class TelemetrySettings(BaseSettings):
    """What service and workers tell of themselves, and where."""

    model_config = FROM_ENVIRONMENT

    metrics: bool = Field(True, description="Whether the service has metrics for Prometheus at `/metrics`.")
    metrics_port: int | None = Field(
        None,
        ge=0,
        le=65_535,
        description="Port on which `vdr worker` serves its metrics, at the address in `VDR_HOST`; 0 picks a "
        "free one. Default: none.",
    )
    log_format: LogFormat = Field(
        LogFormat.TEXT,
        description="Format of the log of service and workers: text, or json, one object a line.",
    )
    traces_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s]+$",
        description="URL to send traces of requests to (OTLP over HTTP): `http://collector:4318/v1/traces`. "
        "Needs the extra `otel`. Default: none.",
    )
    traces_share: float = Field(
        1.0,
        ge=0,
        le=1,
        description="Share of requests that are traced, where the caller does not decide (`traceparent`).",
    )

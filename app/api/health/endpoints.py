"""/healthz, /readyz, /version, /metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from app.api.health.schemas import Alive, PartAway, Ready, Version
from app.problems import documented
from app.readiness import away
from app.state import ServicesOf
from vdr.distribution import vdr_version
from vdr.errors import NotReady, UnknownRoute

router = APIRouter(tags=["health"])
_PROMETHEUS = "text/plain"


@router.get("/healthz", name="is_alive", responses=documented())
async def is_alive() -> Alive:
    """Check that the process is running (liveness probe)."""
    return Alive()


@router.get("/readyz", name="is_ready", responses=documented(NotReady))
def is_ready(services: ServicesOf) -> Ready:
    """Check that all parts that searches need can be reached (readiness probe)."""
    parts = services.readiness.parts()
    gone = away(parts)
    if any(name.is_needed for name in gone):
        raise NotReady(f"Away: {'; '.join(f'{name} ({problem})' for name, problem in gone.items())}")
    return Ready(
        pages=sum(part.pages for part in parts),
        away=[PartAway(part=name, problem=problem) for name, problem in gone.items()],
    )


@router.get("/version", name="get_version", responses=documented())
def get_version(services: ServicesOf) -> Version:
    """Get the version and the models in use."""
    embedder, rerankers = services.opened.models.embedder(), services.opened.models.rerankers()
    return Version(
        version=vdr_version(),
        embedder=embedder.name,
        fingerprint=embedder.fingerprint,
        dims=embedder.dims,
        reranker=",".join(map(str, rerankers)) or None,
    )


@router.get(
    "/metrics",
    name="get_metrics",
    response_class=Response,
    responses={200: {"content": {_PROMETHEUS: {"schema": {"type": "string"}}}}, **documented(UnknownRoute)},
)
def get_metrics(services: ServicesOf) -> Response:
    """Get what is counted and measured, in the text format of Prometheus."""
    if services.metrics is None:
        raise UnknownRoute("There are no metrics: VDR_METRICS turns them off.")
    return Response(generate_latest(services.metrics.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

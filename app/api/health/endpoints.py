"""/healthz, /readyz, /version."""

from fastapi import APIRouter

from app.api.health.schemas import Alive, Ready, Version
from app.problems import documented
from app.state import ServicesOf
from vdr.distribution import vdr_version
from vdr.errors import NotReady, VdrError

router = APIRouter(tags=["health"])


@router.get("/healthz", name="is_alive", responses=documented())
async def is_alive() -> Alive:
    """Check that the process is running (liveness probe)."""
    return Alive()


@router.get("/readyz", name="is_ready", responses=documented(NotReady))
def is_ready(services: ServicesOf) -> Ready:
    """Check that the model is loaded and the index available (readiness probe)."""
    try:
        index = services.opened.library().index
        return Ready(pages=0 if index is None else index.count())
    except VdrError as error:
        raise NotReady(f"The index is not available: {error.message}", remedy=error.remedy) from error


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

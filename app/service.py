"""The service: one FastAPI application built from settings; two may live in one process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from app import problems
from app.api.documents.endpoints import router as documents
from app.api.health.endpoints import router as health
from app.api.search.endpoints import router as search
from app.headers import ALWAYS, SecurityHeaders
from app.limits import BodyLimit
from app.state import State, running
from app.ui.endpoints import STATIC
from app.ui.endpoints import router as ui
from vdr.models.loading import Models
from vdr.settings import Settings

_TAGS = [
    {"name": "search", "description": "Search by text or by image."},
    {"name": "documents", "description": "Upload documents, follow their progress, and get their pages."},
    {"name": "health", "description": "Probes and version."},
]


def create_app(
    settings: Settings,
    models: Models | None = None,
    is_ending: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """The application; its lifespan loads the models of `settings.model` where none are given.

    Long-running responses stop once `is_ending` says that the server is shutting down.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        async with running(settings, models or Models(settings.model), is_ending) as services:
            yield State(services=services)

    app = FastAPI(
        title="vdr",
        summary="Ask a question, get the PDF page that answers it.",
        version=version("vdr"),
        openapi_tags=_TAGS,
        lifespan=lifespan,
        # The usual viewers load scripts from elsewhere, which the security policy forbids.
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    problems.install(app, ALWAYS)
    for router in (search, documents, health, ui):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app

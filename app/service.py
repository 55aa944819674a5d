"""The service: one FastAPI application built from settings; two may live in one process."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from app import problems
from app.addresses import API, IN_COLLECTION, named_collection
from app.api.collections.endpoints import router as collections
from app.api.documents.deletions import router as deletions
from app.api.documents.endpoints import router as documents
from app.api.documents.explaining import router as explaining
from app.api.documents.reading import router as reading
from app.api.feedback.endpoints import router as feedback
from app.api.generations.endpoints import router as generations
from app.api.health.endpoints import router as health
from app.api.models.endpoints import router as models_alone
from app.api.parameters import only_known_parameters
from app.api.questions.endpoints import router as questions
from app.api.search.endpoints import router as search
from app.cross_origin import CrossOrigin
from app.description import DescribedApp
from app.head import HeadAsGet
from app.headers import ALWAYS, SecurityHeaders
from app.hosts import KnownHosts
from app.limits import BodyLimit
from app.mcp.endpoint import add_mcp
from app.metrics import ServiceMetrics
from app.observed import Observed, RouteNoted
from app.request_ids import RequestIds
from app.root_path import BelowRootPath
from app.state import State, running
from app.tracing import Tracing, open_tracing
from app.ui.documents import router as ui_documents
from app.ui.endpoints import router as ui
from app.ui.feedback import router as ui_feedback
from app.ui.reference import router as reference
from app.ui.routing import STATIC, problem_page
from vdr.distribution import vdr_version
from vdr.models.loading import Models
from vdr.settings import Settings

# PDFs are compressed already, and read in ranges.
_NOT_COMPRESSED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/pdf", "multipart/byteranges")
_COMPRESSION_LEVEL = 5  # 9 takes twice the time and saves 1 % more of a page of results
_TAGS = [
    {"name": "search", "description": "Search by text or by image."},
    {"name": "collections", "description": "Create, change and delete collections: separate corpora."},
    {
        "name": "generations",
        "description": "Build a collection's index by another model beside the one that serves, and switch.",
    },
    {"name": "documents", "description": "Upload documents, follow their progress, and get their pages."},
    {"name": "feedback", "description": "Say which pages were right; export and delete what was said."},
    {"name": "questions", "description": "Keep questions with the pages that answer them."},
    {"name": "models", "description": "The models that are loaded, by themselves."},
    {"name": "health", "description": "Probes and version."},
]


def create_app(
    settings: Settings,
    models: Models | None = None,
    is_ending: Callable[[], bool] = lambda: False,
    tracing: Tracing | None = None,
) -> FastAPI:
    """The application; its lifespan loads the models of `settings.model` where none are given.

    Long-running responses stop once `is_ending` says that the server is shutting down. Without `tracing`
    requests are traced as the settings say. Raises BadSetting where they ask for what is not installed.
    """
    tracing = tracing or open_tracing(settings.telemetry)
    metrics = ServiceMetrics() if settings.telemetry.metrics else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[State]:
        loaded = models or Models(settings.model)
        async with running(settings, loaded, is_ending, metrics, tracing) as services:
            yield State(services=services)

    app = DescribedApp(
        title="vdr",
        summary="Ask a question, get the PDF page that answers it.",
        version=vdr_version(),
        license_info={"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        servers=[{"url": settings.service.root_path or "/", "description": "This service"}],
        root_path_in_servers=False,
        openapi_tags=_TAGS,
        lifespan=lifespan,
        telemetry={
            "tracing": tracing is not None,
            "tracer_provider": None if tracing is None else tracing.provider,
            "operation_spans": False,  # they take what is not found for a failure
            "metrics": False,
            "logs": False,
            "auto_configure": False,
        },
        # The framework's own pages load scripts from elsewhere, which the security policy forbids.
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(RouteNoted)
    app.add_middleware(
        GZipMiddleware, compresslevel=_COMPRESSION_LEVEL, exclude_content_types=_NOT_COMPRESSED
    )
    app.add_middleware(BodyLimit)
    app.add_middleware(KnownHosts, allowed=settings.service.allowed_hosts)
    app.add_middleware(CrossOrigin, origins=settings.service.cors_origins)
    app.add_middleware(SecurityHeaders, origins=settings.service.cors_origins)
    app.add_middleware(BelowRootPath, root_path=settings.service.root_path)
    app.add_middleware(HeadAsGet)
    app.add_middleware(Observed, metrics=metrics, tracing=tracing)
    app.add_middleware(RequestIds)
    problems.install(app, ALWAYS, problem_page)
    app.include_router(health)
    for router in (collections, generations, models_alone):
        app.include_router(router, prefix=API, dependencies=[Depends(only_known_parameters)])
    app.include_router(reference)
    for router in (ui, ui_documents, ui_feedback):
        app.include_router(router)
        app.include_router(router, prefix=IN_COLLECTION, dependencies=[Depends(named_collection)])
    for router in (
        search,
        documents,
        reading,
        explaining,
        deletions,
        feedback,
        questions,
    ):  # without a collection, that of the settings is meant
        app.include_router(router, prefix=API, dependencies=[Depends(only_known_parameters)])
        app.include_router(
            router,
            prefix=f"{API}{IN_COLLECTION}",
            dependencies=[Depends(named_collection), Depends(only_known_parameters)],
            generate_unique_id_function=lambda route: f"{route.name}_in_collection",
        )
    add_mcp(app)
    app.mount("/static", STATIC, name="static")
    return app

"""VDR_* settings, one small class per concern; read once at the edge and passed down."""

import re
from base64 import b64decode
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from vdr.errors import BadSetting
from vdr.faults import first_fault, first_field

PAGE_READER = "page-reader"
COLLECTION_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
# What Tesseract calls languages: eng, chi_sim, several with a + between.
_LANGUAGES = r"^[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*$"
OcrLanguages = Annotated[str, StringConstraints(pattern=_LANGUAGES)]
# A variable that is set to nothing, as compose files do with what is unset, is one that is not set.
_FROM_ENVIRONMENT = SettingsConfigDict(env_prefix="VDR_", env_ignore_empty=True, allow_inf_nan=False)


class OcrMode(StrEnum):
    """Of which pages Tesseract reads the pixels, once they can be searched: missing is those without text."""

    OFF = "off"
    MISSING = "missing"
    ALL = "all"


class ModelSettings(BaseSettings):
    """Which checkpoint turns pages and queries into vectors, and on what it runs."""

    model_config = _FROM_ENVIRONMENT

    embedder: str = Field(
        PAGE_READER, description="Folder or hub name of a Sentence Transformers checkpoint."
    )
    reranker: str | None = Field(
        None,
        description="Folder or hub name of a cross-encoder that reranks by page images; none if unset.",
    )
    dims: int | None = Field(None, ge=8, description="Matryoshka dimensions kept; the model's own if unset.")
    coarse_dims: int = Field(256, ge=8, description="Dimensions of the coarse embedding.")
    device: str | None = Field(None, description="torch device; the best one found if unset.")
    batch_size: int = Field(4, ge=1, description="Page images embedded or reranked at once.")


class IndexSettings(BaseSettings):
    """Where the vectors and the objects live."""

    model_config = _FROM_ENVIRONMENT

    data_dir: Path = Field(
        Path("~/.local/share/vdr"), description="Folder of the database, the objects and the embedded index."
    )
    collection: str = Field(
        "default", pattern=COLLECTION_NAME, description="The collection of whoever names none."
    )
    database_url: SecretStr | None = Field(
        None, description="URL of a PostgreSQL database of documents and jobs; a SQLite file if unset."
    )
    qdrant_url: str | None = Field(None, description="URL of a Qdrant server; the embedded index if unset.")
    objects_url: str | None = Field(
        None,
        description="URL of the bucket or folder of PDFs and page images; in `VDR_DATA_DIR` if unset.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="API key of the Qdrant server.")
    qdrant_shards: int | None = Field(
        None, ge=1, description="Shards of a new collection on the Qdrant server. Default: its own choice."
    )
    qdrant_replicas: int = Field(1, ge=1, description="Copies that the Qdrant server keeps of each shard.")
    open_collections: int = Field(
        16, ge=1, description="Embedded indexes kept open at once; the least recently used is closed."
    )


class IngestSettings(BaseSettings):
    """Limits on what is taken in, and how pages are rasterized."""

    model_config = _FROM_ENVIRONMENT

    max_file_bytes: int = Field(200 * 2**20, ge=1, description="Largest file accepted, in bytes.")
    max_pages: int = Field(5_000, ge=1, description="Most pages a document may have.")
    max_image_pixels: int = Field(
        200_000_000, ge=1, description="Largest image accepted as a document, in pixels."
    )
    convert_timeout_s: float = Field(
        120.0, gt=0, description="Seconds that making a PDF of another file may take."
    )
    page_timeout_s: float = Field(60.0, gt=0, description="Seconds one page may take to rasterize.")
    program_memory_bytes: int = Field(
        2 * 2**30, ge=2**26, description="Memory of a program that opens files, in bytes of address space."
    )
    page_long_side: int = Field(1_536, ge=256, le=8_192, description="Long side of a page image, in pixels.")
    rasterize_workers: int = Field(2, ge=1, description="Poppler processes running at once.")
    ocr: OcrMode = Field(
        OcrMode.OFF,
        description="Pages of which Tesseract reads the pixels once they can be searched: off, "
        "missing (those with hardly any text layer) or all.",
    )
    ocr_language: OcrLanguages = Field("eng", description="Tesseract's languages, such as eng or deu+fra.")
    ocr_languages: dict[str, OcrLanguages] = Field(
        default_factory=dict,
        description='Languages of collections that have others, as JSON: `{"invoices": "deu"}`.',
    )


class JobSettings(BaseSettings):
    """How documents wait to be indexed, and who is told when they are."""

    model_config = _FROM_ENVIRONMENT

    worker: bool = Field(True, description="Whether the service indexes; if not, `vdr worker` processes do.")
    documents_at_once: int = Field(2, ge=1, description="Documents a worker has under way.")
    queue_limit: int | None = Field(
        None, ge=1, description="Unfinished documents from which on uploads are refused; no limit if unset."
    )
    webhook_url: str | None = Field(None, description="Where to POST that a document is finished.")
    webhook_secret: SecretStr | None = Field(
        None, description="Key that signs webhooks, in base64, with or without whsec_ before it."
    )

    @field_validator("webhook_secret")
    @classmethod
    def _in_base64(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            b64decode(secret.get_secret_value().removeprefix("whsec_") + "==", validate=False)
        return secret


class SearchSettings(BaseSettings):
    """How far a search looks."""

    model_config = _FROM_ENVIRONMENT

    candidates: int = Field(200, ge=1, description="Pages retrieved by each first stage.")
    rerank_candidates: int = Field(
        50, ge=0, description="Pages reranked, by VDR_RERANKER or else by late interaction; 0 turns it off."
    )


class ServiceSettings(BaseSettings):
    """The HTTP service."""

    model_config = _FROM_ENVIRONMENT

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8_000, ge=0, le=65_535, description="Port to listen on; 0 takes a free one.")
    batch_wait_ms: float = Field(
        2.0, ge=0, description="How long a query waits for others to embed along with."
    )
    batch_max: int = Field(32, ge=1, description="Most queries embedded at once.")


class Settings(BaseModel):
    """Everything, for the edges to read once: `Settings()`.

    It reads no variable itself: its fields' names, such as MODEL or JOBS, are variables of other programs.
    """

    model_config = ConfigDict(extra="forbid")

    model: ModelSettings = Field(default_factory=ModelSettings)
    index: IndexSettings = Field(default_factory=IndexSettings)
    ingest: IngestSettings = Field(default_factory=IngestSettings)
    jobs: JobSettings = Field(default_factory=JobSettings)
    search: SearchSettings = Field(default_factory=SearchSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)


def read_settings() -> Settings:
    """The settings of the environment. Raises BadSetting, which names the variable."""
    try:
        return Settings()
    except ValidationError as error:
        # Below the variable's own name is where in its value the mistake is.
        said = first_fault(error, below=1)
        raise BadSetting(f"VDR_{first_field(error).upper()}: {said}.") from error
    except SettingsError as error:  # a value that should be JSON
        raise BadSetting(f"VDR_{_field_of(error).upper()} is not valid JSON: {error.__cause__}.") from error


def _field_of(error: SettingsError) -> str:
    found = re.search(r'field "(\w+)"', str(error))  # nothing else of the error tells it
    return found[1] if found else ""

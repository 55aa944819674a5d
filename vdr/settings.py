"""VDR_* settings, one small class per concern; read once at the edge and passed down."""

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
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode

from vdr.rerank_chain import RerankStep, parse_chain
from vdr.telemetry_settings import TelemetrySettings
from vdr.types import Attention, Quantization
from vdr.variables import FROM_ENVIRONMENT as _FROM_ENVIRONMENT

PAGE_READER = "page-reader"
TEXT_ENCODER = "text-encoder"
DEFAULT_EMBEDDER = f"{PAGE_READER},{TEXT_ENCODER}"
SHIPPED_EMBEDDERS = (DEFAULT_EMBEDDER, PAGE_READER)
COLLECTION_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"
# Tesseract's names of languages: eng, chi_sim; several are joined by +.
_LANGUAGES = r"^[A-Za-z0-9_]+(\+[A-Za-z0-9_]+)*$"
OcrLanguages = Annotated[str, StringConstraints(pattern=_LANGUAGES)]


class OcrMode(StrEnum):
    """Which indexed pages to run OCR on: `missing` is those without text, or whose print is hardly read."""

    OFF = "off"
    MISSING = "missing"
    ALL = "all"


class Rasterizer(StrEnum):
    """Which program draws pages; the other one draws those that it cannot."""

    POPPLER = "poppler"
    PDFIUM = "pdfium"


class Backend(StrEnum):
    """What runs checkpoints for texts: `auto` is OpenVINO where it is known to be faster."""

    AUTO = "auto"
    TORCH = "torch"
    OPENVINO = "openvino"
    ONNX = "onnx"


class Precision(StrEnum):
    """What numbers a checkpoint computes with: `auto` is bfloat16 on a GPU, float32 elsewhere."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    FLOAT16 = "float16"


class ModelSettings(BaseSettings):
    """Which checkpoint embeds pages and queries, and where it runs."""

    model_config = _FROM_ENVIRONMENT

    embedder: str = Field(
        DEFAULT_EMBEDDER,
        description="Folder or Hub name of a Sentence Transformers checkpoint, or the URL of a server's "
        "`/v1/embeddings`; or up to three, comma separated, which are searched together. `page-reader` and "
        "`text-encoder` are shipped.",
    )
    embedder_model: str | None = Field(
        None, description="Name of the model at the URL in `VDR_EMBEDDER`, if the server asks for one."
    )
    embedder_api_key: SecretStr | None = Field(None, description="API key for the server in `VDR_EMBEDDER`.")
    query_prompt: str | None = Field(
        None,
        description="Text that the models in `VDR_EMBEDDER` get before each query, such as `query: `. The "
        "shipped ones take none. Default: the checkpoint's own; none for a server.",
    )
    page_prompt: str | None = Field(
        None,
        description="The same before each page, or each stretch of its words. Pages are to be indexed again "
        "where it changes.",
    )
    embedders: tuple[str, ...] = Field(
        (), description='Other checkpoints that collections may use, as JSON: `["models/tuned"]`.'
    )
    reranker: Annotated[tuple[RerankStep, ...], NoDecode] = Field(
        (),
        description="Folder or Hub name of a cross-encoder that reranks by page images or by the words of "
        "the pages, or the URL of a server's `/rerank`; or several, comma separated, each with its depth: "
        "`late-interaction@50,models/text-ce@20`. Default: late interaction.",
    )
    reranker_model: str | None = Field(
        None, description="Name of the model at each URL in `VDR_RERANKER`, if the servers ask for one."
    )
    reranker_api_key: SecretStr | None = Field(
        None, description="API key for every server in `VDR_RERANKER`."
    )
    reader: str | None = Field(
        PAGE_READER,
        description="What reads the words of pages for an embedder that cannot: page-reader, the folder of a "
        "checkpoint trained from it, or off.",
    )
    dims: int | None = Field(
        None,
        ge=8,
        description="Matryoshka dimensions to keep, of each model that has as many. Default: all of them.",
    )
    coarse_dims: int = Field(256, ge=8, description="Dimensions of the coarse embedding.")
    pooling: float = Field(
        1.0,
        ge=1.0,
        le=64.0,
        description="Keep one of so many vectors of a page, where the embedder gives one for each patch or "
        "token; 1 keeps all.",
    )
    quantization: Quantization = Field(
        Quantization.NONE,
        description="How many vectors a page are compressed in memory, from 20,000 pages on: none, int8 or "
        "binary.",
    )
    device: str | None = Field(None, description="torch device. Default: the best one available.")
    precision: Precision = Field(
        Precision.AUTO,
        description="What numbers checkpoints compute with: float32, bfloat16, float16 (half the memory), or "
        "auto, bfloat16 on a GPU and float32 elsewhere.",
    )
    attention: Attention = Field(
        Attention.AUTO,
        description="How checkpoints compute attention: sdpa, eager, flash_attention_2 (on a GPU, with the "
        "package flash-attn) or auto, what Transformers chooses.",
    )
    backend: Backend = Field(
        Backend.AUTO,
        description="What runs checkpoints that take texts alone: torch, openvino or onnx (both on a CPU), "
        "or auto, openvino where that is known to be faster.",
    )
    batch_size: int | None = Field(
        None,
        ge=1,
        description="Page images, or stretches of their text, per batch, for embedding and reranking; halved "
        "where a GPU's memory ends. Default: found by trying on a GPU, else 4; 32 stretches when embedding.",
    )

    @field_validator("reranker", mode="before")
    @classmethod
    def _parsed(cls, chain: object) -> object:
        return parse_chain(chain) if isinstance(chain, str) else chain

    @field_validator("reader")
    @classmethod
    def _nobody(cls, reader: str | None) -> str | None:
        return None if reader == "off" else reader


class IndexSettings(BaseSettings):
    """Where the database, the vectors and the files are stored."""

    model_config = _FROM_ENVIRONMENT

    data_dir: Path = Field(
        Path("~/.local/share/vdr"),
        description="Folder for the database, the stored files and the embedded index.",
    )
    collection: str = Field(
        "default", pattern=COLLECTION_NAME, description="Collection used when none is named."
    )
    database_url: SecretStr | None = Field(
        None, description="URL of a PostgreSQL database for documents and jobs. Default: a SQLite file."
    )
    qdrant_url: str | None = Field(None, description="URL of a Qdrant server. Default: the embedded index.")
    objects_url: str | None = Field(
        None,
        description="URL of a bucket or folder for PDFs and page images. Default: in `VDR_DATA_DIR`.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="API key for the Qdrant server.")
    qdrant_shards: int | None = Field(
        None,
        ge=1,
        description="Shards of each new collection on the Qdrant server. Default: the server's choice.",
    )
    qdrant_replicas: int = Field(1, ge=1, description="Replicas of each shard on the Qdrant server.")
    kept_generations: int = Field(
        1, ge=0, description="Earlier generations of a collection to keep after a switch, to go back to."
    )
    open_collections: int = Field(
        16, ge=1, description="Embedded indexes to keep open; beyond that, the least recently used is closed."
    )


class IngestSettings(BaseSettings):
    """Limits on uploads, and how pages are rasterized and completed by OCR."""

    model_config = _FROM_ENVIRONMENT

    max_file_bytes: int = Field(200 * 2**20, ge=1, description="Maximum file size, in bytes.")
    max_pages: int = Field(5_000, ge=1, description="Maximum number of pages per document.")
    max_image_pixels: int = Field(
        200_000_000, ge=1, description="Maximum size of an image uploaded as a document, in pixels."
    )
    convert_timeout_s: float = Field(
        120.0, gt=0, description="Time limit for converting a file to PDF, in seconds."
    )
    page_timeout_s: float = Field(60.0, gt=0, description="Time limit for rasterizing a page, in seconds.")
    program_memory_bytes: int = Field(
        2 * 2**30,
        ge=2**26,
        description="Memory limit (address space) for each program that opens files, in bytes.",
    )
    index_attachments: bool = Field(
        False, description="Whether documents attached to a PDF are indexed too, as documents of their own."
    )
    max_attachments: int = Field(
        100,
        ge=1,
        description="Maximum number of attached documents per PDF, nested ones included.",
    )
    page_long_side: int = Field(1_536, ge=256, le=8_192, description="Long side of page images, in pixels.")
    rasterizer: Rasterizer = Field(
        Rasterizer.POPPLER,
        description="What draws pages first, poppler or pdfium; the other draws those that the first cannot.",
    )
    rasterize_workers: int = Field(2, ge=1, description="Number of concurrent processes that draw pages.")
    ocr: OcrMode = Field(
        OcrMode.OFF,
        description="Which indexed pages to run OCR on: off (none), missing (with little text, or hardly "
        "read) or all.",
    )
    ocr_language: OcrLanguages = Field("eng", description="Tesseract languages, such as eng or deu+fra.")
    ocr_languages: dict[str, OcrLanguages] = Field(
        default_factory=dict,
        description='Tesseract languages by collection, as JSON: `{"invoices": "deu"}`.',
    )


class JobSettings(BaseSettings):
    """How documents are queued, and who is notified when they are finished."""

    model_config = _FROM_ENVIRONMENT

    worker: bool = Field(
        True, description="Whether the service indexes documents itself; if false, run `vdr worker`."
    )
    documents_at_once: int = Field(2, ge=1, description="Documents that a worker indexes concurrently.")
    queue_limit: int | None = Field(
        None, ge=1, description="Refuse uploads once this many documents are unfinished. Default: no limit."
    )
    webhook_url: str | None = Field(None, description="URL to POST to when a document is finished.")
    webhook_secret: SecretStr | None = Field(
        None, description="Key for signing webhooks, in base64, with or without the prefix whsec_."
    )

    @field_validator("webhook_secret")
    @classmethod
    def _in_base64(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            b64decode(secret.get_secret_value().removeprefix("whsec_") + "==", validate=False)
        return secret


class SearchSettings(BaseSettings):
    """How many candidates a search considers."""

    model_config = _FROM_ENVIRONMENT

    candidates: int = Field(200, ge=1, description="Candidate pages from each first stage.")
    rerank_candidates: int = Field(
        50,
        ge=0,
        description="Candidate pages to rerank where `VDR_RERANKER` sets no depth; 0 skips all reranking.",
    )


class FeedbackSettings(BaseSettings):
    """How long searches are kept, and what feedback on them counts."""

    model_config = _FROM_ENVIRONMENT

    keep_searches_days: float = Field(
        30.0,
        ge=0,
        description="How long searches are kept for feedback: their questions, hits and what was opened. 0 "
        "keeps none, and no feedback can be given.",
    )
    keep_feedback_days: float | None = Field(
        None,
        ge=0,
        description="How long searches are kept whose hits somebody has judged, counted from the search. "
        "Default: until they are deleted.",
    )
    feedback_limit: int = Field(
        50, ge=1, description="Most feedback that one reporter may give on a search; all together four times."
    )
    feedback_weights: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict,
        description='How much feedback counts by its reporter or key, as JSON: `{"key:1f2e": 0.2}`. '
        "Default: 1; 0 leaves it out.",
    )


# Where a path begins so, it could not be told whether the proxy has left the root path there.
_OWN_PATHS = frozenset(
    {
        "v1",
        "collections",
        "documents",
        "docs",
        "ui",
        "static",
        "healthz",
        "readyz",
        "metrics",
        "version",
        "openapi.json",
    }
)


class ServiceSettings(BaseSettings):
    """The HTTP service."""

    model_config = _FROM_ENVIRONMENT

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8_000, ge=0, le=65_535, description="Port to listen on; 0 picks a free one.")
    root_path: str = Field(
        "",
        pattern=r"^(/[A-Za-z0-9._~-]+)*/?$",
        description="Path below which a proxy shows the service, such as /vdr. Default: the root.",
    )
    allowed_hosts: tuple[str, ...] = Field(
        (),
        description='Public names of the service, as JSON: `["docs.example.com"]`; `["*"]` is any.',
    )
    cors_origins: tuple[Annotated[str, StringConstraints(pattern=r"^https?://[^\s/*]+$")], ...] = Field(
        (),
        description="Websites whose scripts may use the API from a visitor's browser (CORS), as JSON: "
        '`["https://app.example.com"]`.',
    )
    batch_wait_ms: float = Field(
        2.0,
        ge=0,
        le=1_000,
        description="How long a query waits to be embedded in a batch with others, in milliseconds.",
    )
    batch_max: int = Field(32, ge=1, description="Maximum number of queries embedded in a batch.")
    idempotency_hours: float = Field(
        24.0, gt=0, description="How long the answer to an upload with `Idempotency-Key` is kept, in hours."
    )
    search_queue_limit: int = Field(
        200, ge=1, description="Refuse searches once this many are waiting; a batch counts as one."
    )
    query_cache_bytes: int = Field(
        32 * 2**20,
        ge=0,
        description="Memory for answers to searches and vectors of queries, for whoever asks the same again "
        "while nothing has changed, in bytes; 0 keeps none.",
    )

    @field_validator("root_path")
    @classmethod
    def _begins_no_address(cls, root_path: str) -> str:
        first = root_path.split("/")[1:2]
        if first and first[0] in _OWN_PATHS:
            raise ValueError(f"the service has addresses of its own below /{first[0]}; use another path")
        return root_path.rstrip("/")


class CommandSettings(BaseSettings):
    """What commands work on."""

    model_config = _FROM_ENVIRONMENT

    url: str | None = Field(
        None,
        pattern=r"^https?://[^/?#]+[^?#]*$",
        description="URL of a service that `vdr index`, `search`, `documents` and `collections` use. "
        "Default: the one that serves `VDR_DATA_DIR`, if any.",
    )


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
    feedback: FeedbackSettings = Field(default_factory=FeedbackSettings)
    service: ServiceSettings = Field(default_factory=ServiceSettings)
    commands: CommandSettings = Field(default_factory=CommandSettings)
    telemetry: TelemetrySettings = Field(default_factory=TelemetrySettings)

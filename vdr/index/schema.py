"""What a collection's index contains: which vectors, how wide, under which ids; the same in every engine."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from pydantic import TypeAdapter

from vdr.errors import IndexMismatch
from vdr.types import FloatArray, Generation, PageRef, Quantization, StoredRows, VectorShape

FULL = "full"
COARSE = "coarse"
REGIONS = "regions"
TEXT = "text"
READ = "read"
DOCUMENT_ID = "document_id"

# HNSW at Qdrant's own defaults: as many pages as a search asks for are looked at, which grow with the pages.
HNSW_M = 16
HNSW_EF_CONSTRUCT = 100
# Scalar quantization clips the outermost 1 % of the values, so that rare peaks do not coarsen all others.
INT8_QUANTILE = 0.99

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://vdr/index/page")
REMEDY = (
    "Serve it with the model and dimensions that built it, or choose another collection (or VDR_DATA_DIR) "
    "and index the documents again with `vdr index`."
)


class RegionType(StrEnum):
    """What a number of a late-interaction vector is stored as."""

    UINT8 = "uint8"
    FLOAT16 = "float16"


@dataclass(frozen=True, slots=True)
class IndexSchema:
    """What a generation's index was built by and for.

    `fingerprint` tells the model, `dims` the width of the full embedding, `coarse_dims` that of its first
    Matryoshka dimensions, `region_dims` that of the late-interaction vectors (None: the model has none), and
    `region_type` the form in which the model gives them. With `has_many_vectors` the full embedding of a page
    is a matrix of rows of `dims`, compared by MaxSim and quantized so, and the coarse one is whatever the
    model gives to find pages by. `more` are the shapes of what other embedders make of a page. `name` is the
    generation's, if it is not called by its model and dimensions.
    """

    collection: str
    fingerprint: str
    dims: int
    coarse_dims: int
    region_dims: int | None = None
    region_type: RegionType = RegionType.UINT8
    name: str | None = None
    has_many_vectors: bool = False
    quantization: Quantization = Quantization.NONE
    more: tuple[VectorShape, ...] = ()

    @property
    def vectors(self) -> tuple["NamedVectors", ...]:
        """The embeddings of a page, those of the first embedder first."""
        first = VectorShape(self.dims, self.coarse_dims, self.has_many_vectors)
        return tuple(NamedVectors(place, shape) for place, shape in enumerate((first, *self.more), start=1))

    @property
    def generation(self) -> str:
        """Name of the generation."""
        return self.name or f"{self.fingerprint[:12]}-{self.dims}"

    @property
    def has_coarse(self) -> bool:
        """Whether the first embedder's coarse embedding is stored."""
        return self.vectors[0].has_coarse

    def __str__(self) -> str:
        coarse = f", coarse {self.coarse_dims}" if self.has_coarse else ""
        regions = f", regions of {self.region_dims} in {self.region_type}" if self.region_dims else ""
        many = f", many vectors a page, quantization {self.quantization}" if self.has_many_vectors else ""
        more = "".join(f" and {shape.dims}" for shape in self.more)
        return f"model {self.fingerprint[:12]}, {self.dims}{more} dimensions{coarse}{regions}{many}"


@dataclass(frozen=True, slots=True)
class NamedVectors:
    """The embeddings of one embedder, the `place`-th of the generation, under their names in the index."""

    place: int
    shape: VectorShape

    @property
    def full(self) -> str:
        """Name of the full embedding."""
        return FULL if self.place == 1 else f"{FULL}_{self.place}"

    @property
    def coarse(self) -> str:
        """Name of the coarse embedding."""
        return COARSE if self.place == 1 else f"{COARSE}_{self.place}"

    @property
    def has_coarse(self) -> bool:
        """Whether a coarse embedding is stored: one as wide as the full embedding would only be a copy."""
        return self.shape.has_many_vectors or self.shape.coarse_dims < self.shape.dims

    @property
    def full_shape(self) -> tuple[int | None, ...]:
        """Of the full embedding; None: any length."""
        return (None, self.shape.dims) if self.shape.has_many_vectors else (self.shape.dims,)


def schema_of(generation: Generation) -> IndexSchema | None:
    """What the index of a generation is built by; None as long as that is open."""
    if generation.fingerprint is None or generation.dims is None:
        return None
    return IndexSchema(
        generation.collection,
        generation.fingerprint,
        generation.dims,
        generation.coarse_dims or generation.dims,
        generation.region_dims,
        name=generation.name,
        has_many_vectors=generation.has_many_vectors,
        quantization=generation.quantization,
        more=generation.more,
    )


def point_id(schema: IndexSchema, page: PageRef) -> str:
    """The id of a page: always the same for it in its generation, so that writing twice changes nothing."""
    return str(uuid.uuid5(_NAMESPACE, f"{schema.generation}/{page.document_id}/{page.page_number}"))


def is_quantized(name: str, schema: IndexSchema) -> bool:
    """Whether a vector is compared by its quantized form alone."""
    is_compressed = schema.quantization is not Quantization.NONE
    return any(
        name == each.coarse or (name == each.full and each.shape.has_many_vectors and is_compressed)
        for each in schema.vectors
    )


def coarse_embedding(embedding: FloatArray, coarse_dims: int) -> FloatArray:
    """The first `coarse_dims` Matryoshka dimensions, brought back to length 1 (zeros stay zeros)."""
    head = np.asarray(embedding[:coarse_dims], dtype=np.float32)
    length = float(np.linalg.norm(head))
    return head / np.float32(length) if length > 0 else head


def given_coarse(coarse: FloatArray | None, shape: VectorShape) -> FloatArray:
    """The coarse embedding that comes with many vectors. Raises IndexMismatch without one of its width."""
    found = np.empty(0, np.float32) if coarse is None else coarse
    check_width("coarse embedding", found.shape, (shape.coarse_dims,))
    return found


def check_same(found: IndexSchema, asked: IndexSchema) -> None:
    """Refuse to open an index for another schema than the one it was built with. Raises IndexMismatch."""
    if not _is_compatible(found, asked):
        raise IndexMismatch(
            f"Collection {asked.collection!r} has an index built with {found}, "
            f"but the settings ask for {asked}.",
            remedy=REMEDY,
        )


def check_width(what: str, found: tuple[int, ...], asked: tuple[int | None, ...]) -> None:
    """Reject vectors of another shape than the index has; None: any length. Raises IndexMismatch."""
    if len(found) != len(asked) or any(a not in (None, f) for f, a in zip(found, asked, strict=True)):
        expected = " x ".join("n" if width is None else str(width) for width in asked)
        seen = " x ".join(str(width) for width in found)
        raise IndexMismatch(f"The {what} has shape {seen}; the index expects {expected}.", remedy=REMEDY)


def check_type(what: str, rows: StoredRows, asked: RegionType) -> None:
    """Reject late-interaction vectors of another type than the index has. Raises IndexMismatch."""
    if (rows.dtype == np.uint8) != (asked is RegionType.UINT8):
        raise IndexMismatch(f"The {what} is of {rows.dtype}, the index expects {asked}.", remedy=REMEDY)


def to_json(schema: IndexSchema) -> bytes:
    """The schema as the file next to an embedded index."""
    return _SCHEMA.dump_json(schema, indent=2)


def from_json(text: bytes) -> IndexSchema:
    """The schema of such a file. Raises pydantic's ValidationError for anything else."""
    return _SCHEMA.validate_json(text)


_SCHEMA = TypeAdapter(IndexSchema)


def _is_compatible(found: IndexSchema, asked: IndexSchema) -> bool:
    same_widths = (found.dims, found.region_dims) == (asked.dims, asked.region_dims)
    same_type = asked.region_dims is None or found.region_type == asked.region_type
    same_coarse = found.has_coarse == asked.has_coarse and (
        not asked.has_coarse or found.coarse_dims == asked.coarse_dims
    )
    same_many = (found.has_many_vectors, found.quantization) == (asked.has_many_vectors, asked.quantization)
    is_as_wide = same_widths and same_type and same_coarse and same_many and found.more == asked.more
    return is_as_wide and found.fingerprint == asked.fingerprint

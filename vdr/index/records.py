"""A page as the engines store it and give it back: named vectors and payload, checked on the way in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from vdr.errors import IndexMismatch
from vdr.filters import from_stored
from vdr.filters.fields import BUILT_IN
from vdr.index.engine import StoredPage
from vdr.index.payload import METADATA, PARENT, document_payload, info_payload, metadata_payload, stored_info
from vdr.index.schema import (
    DOCUMENT_ID,
    READ,
    REGIONS,
    TEXT,
    IndexSchema,
    NamedVectors,
    RegionType,
    check_type,
    check_width,
    coarse_embedding,
    given_coarse,
)
from vdr.types import (
    Document,
    FloatArray,
    Metadata,
    PagePoint,
    PageRef,
    PageVectors,
    SparseVector,
    StoredRows,
)
from vdr.words import RULE

PAGE_FIELDS = [DOCUMENT_ID, "document_name", "page_number", "page_label", "pdf_title", "page_count"]
KEY_FIELDS = [DOCUMENT_ID, "page_number"]
_RULE = "word_rule"
WORD_FIELDS = [*KEY_FIELDS, _RULE]

Payload = dict[str, Any]


def stored_vectors(schema: IndexSchema) -> list[str]:
    """The vectors to ask for when pages are read back; the coarse embedding follows from the full one."""
    regions = [REGIONS] if schema.region_dims is not None else []
    full = [each.full for each in schema.vectors]
    coarse = [each.coarse for each in schema.vectors if each.shape.has_many_vectors]
    return [*full, TEXT, READ, *regions, *coarse]


def dense_vectors(point: PagePoint, schema: IndexSchema) -> dict[str, Any]:
    """Full embeddings and, where the schema has them, coarse ones, by name. Raises IndexMismatch."""
    return embeddings((PageVectors(point.embedding, coarse=point.coarse), *point.more), schema)


def embeddings(made: Sequence[PageVectors | None], schema: IndexSchema) -> dict[str, Any]:
    """The same of what each embedder made of a page, None left out. Raises IndexMismatch."""
    if len(made) != len(schema.vectors):
        raise IndexMismatch(f"A page has vectors of {len(made)} embedders, not of {len(schema.vectors)}.")
    pairs = [(named, each) for named, each in zip(schema.vectors, made, strict=True) if each is not None]
    return {name: rows for named, vectors in pairs for name, rows in _stored(named, vectors).items()}


def region_vectors(point: PagePoint, schema: IndexSchema) -> list[list[float]] | None:
    """The late-interaction vectors unchanged, or None without any. Raises IndexMismatch."""
    if schema.region_dims is None or point.regions is None or not len(point.regions):
        return None
    check_width("page's region matrix", point.regions.shape, (None, schema.region_dims))
    check_type("page's region matrix", point.regions, schema.region_type)
    rows: list[list[float]] = point.regions.tolist()
    return rows


def sparse_vectors(point: PagePoint) -> dict[str, SparseVector]:
    """The sparse vectors that are not empty, by name."""
    return term_vectors(point.text_terms, point.read_terms)


def payload(point: PagePoint, schema: IndexSchema) -> Payload:
    """What is stored beside the vectors, for filters and hits; what is not known is left out."""
    fields = {
        DOCUMENT_ID: point.page.document_id,
        "document_name": point.document_name,
        "page_number": point.page.page_number,
        "page_label": point.page_label,
        "page_count": point.page_count,
        "added_at": point.added_at,
        "kind": point.kind,
        PARENT: point.parent_id,
        "collection": schema.collection,
        "generation": schema.generation,
        _RULE: RULE,
    }
    known = {key: value for key, value in fields.items() if value is not None}
    return known | metadata_payload(point.metadata) | info_payload(point.info)


def outdated_pages(
    payloads: Iterable[Mapping[str, Any] | None], document: Document, labels: Mapping[int, str]
) -> frozenset[int]:
    """The pages that say of their document, or of their label, what is not so or nothing at all."""
    known, found = document_payload(document), set[int]()
    for fields in payloads:
        stored, number = fields or {}, page_ref(fields).page_number
        known["page_label"] = labels.get(number, str(number))
        if {key: stored.get(key) for key in known} != known:
            found.add(number)
    return frozenset(found)


def pages_of_other_words(payloads: Iterable[Mapping[str, Any] | None]) -> frozenset[int]:
    """The pages that were split into words by another rule than today's."""
    return frozenset(page_ref(fields).page_number for fields in payloads if (fields or {}).get(_RULE) != RULE)


def words_payload() -> Payload:
    """What notes that a page is split into words by today's rule."""
    return {_RULE: RULE}


def term_vectors(text: SparseVector | None, read: SparseVector | None) -> dict[str, SparseVector]:
    """Those that are not empty, by name."""
    named = {TEXT: text, READ: read}
    return {name: vector for name, vector in named.items() if vector is not None and vector.indices}


def page_ref(fields: Mapping[str, Any] | None) -> PageRef:
    """The page that a payload names."""
    fields = fields or {}
    return PageRef(fields[DOCUMENT_ID], fields["page_number"])


def stored_page(fields: Mapping[str, Any] | None) -> StoredPage:
    """The page that a payload names, with its label, and what it says of its document."""
    page, known = page_ref(fields), fields or {}
    label = known.get("page_label", str(page.page_number))
    title, page_count = known.get("pdf_title", ""), known.get("page_count")
    return StoredPage(page, known["document_name"], label, title, page_count)


def field_parts(names: Sequence[str]) -> list[str]:
    """The parts of a payload that have these fields, as filters name them."""
    return list(dict.fromkeys(name if name in BUILT_IN else METADATA for name in names))


def stored_fields(fields: Mapping[str, Any] | None, names: Sequence[str]) -> Metadata:
    """The fields of these names that a payload has."""
    known = fields or {}
    metadata = from_stored(known.get(METADATA, {}))
    found = {name: known.get(name) if name in BUILT_IN else metadata.get(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def stored_embeddings(vectors: Any, page: PageRef, schema: IndexSchema) -> tuple[FloatArray, ...]:  # noqa: ANN401 (the engines' own types)
    """The full embeddings among the vectors of a page, in float16. Raises IndexMismatch without one."""
    names = [named.full for named in schema.vectors]
    if not vectors or not vectors.keys() >= {*names}:
        raise IndexMismatch(
            f"Page {page.page_number} of document {page.document_id} has no embedding in the index.",
            remedy=f"Index it again: vdr reindex {page.document_id}",
        )
    return tuple(_half(vectors[name]) for name in names)


def page_point(fields: Mapping[str, Any] | None, vectors: Any, schema: IndexSchema) -> PagePoint:  # noqa: ANN401 (the engines' own types)
    """A page as it was stored, embedding in float16; what is empty comes back as None."""
    stored, known = stored_page(fields), fields or {}
    regions = vectors.get(REGIONS)
    first, *more = (_read_back(named, vectors) for named in schema.vectors)
    return PagePoint(
        stored.page,
        stored.document_name,
        embedding=first.embedding,
        text_terms=_sparse(vectors.get(TEXT)),
        read_terms=_sparse(vectors.get(READ)),
        regions=None if regions is None else _rows(regions, schema.region_type),
        **{name: known.get(name) for name in ("page_label", "page_count", "added_at", "kind")},
        metadata=from_stored(known.get(METADATA, {})),
        info=stored_info(known),
        parent_id=known.get(PARENT),
        coarse=first.coarse,
        more=tuple(more),
    )


def batches(points: Sequence[PagePoint], max_floats: int) -> Iterator[Sequence[PagePoint]]:
    """Consecutive points with at most `max_floats` numbers together; a point larger than that goes alone."""
    start, floats = 0, 0
    for end, point in enumerate(points):
        size = _size(point)
        if floats + size > max_floats and end > start:
            yield points[start:end]
            start, floats = end, 0
        floats += size
    if len(points) > start:
        yield points[start:]


def _stored(named: NamedVectors, vectors: PageVectors) -> dict[str, Any]:
    check_width("page embedding", vectors.embedding.shape, named.full_shape)
    stored = {named.full: vectors.embedding.tolist()}
    if named.shape.has_many_vectors:
        stored[named.coarse] = given_coarse(vectors.coarse, named.shape).tolist()
    elif named.has_coarse:
        stored[named.coarse] = coarse_embedding(vectors.embedding, named.shape.coarse_dims).tolist()
    return stored


def _read_back(named: NamedVectors, vectors: Any) -> PageVectors:  # noqa: ANN401 (the engines' own types)
    coarse = vectors.get(named.coarse) if named.shape.has_many_vectors else None
    return PageVectors(_half(vectors[named.full]), coarse=None if coarse is None else _half(coarse))


def _size(point: PagePoint) -> int:
    terms = sum(len(vector.indices) for vector in (point.text_terms, point.read_terms) if vector is not None)
    more = sum(vectors.embedding.size for vectors in point.more)
    return point.embedding.size + more + terms + (0 if point.regions is None else point.regions.size)


def _rows(regions: Sequence[Sequence[float]], type: RegionType) -> StoredRows:
    if type is RegionType.UINT8:
        return np.asarray(regions, np.uint8)
    return np.asarray(regions, np.float32)


def _half(rows: Sequence[float] | Sequence[Sequence[float]]) -> FloatArray:
    return np.asarray(rows, dtype=np.float16).astype(np.float32)


def _sparse(vector: Any) -> SparseVector | None:  # noqa: ANN401 (each engine has its own class)
    if vector is None:
        return None
    pairs = sorted(zip(vector.indices, vector.values, strict=True))
    return SparseVector(tuple(i for i, _ in pairs), tuple(float(np.float32(v)) for _, v in pairs))

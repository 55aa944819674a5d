"""What a server keeps of a page: which vectors, how they are stored, compared and searched."""

from collections.abc import Mapping
from dataclasses import replace

from qdrant_client import QdrantClient, models

from vdr.errors import IndexMismatch
from vdr.index.schema import (
    FULL,
    HNSW_EF_CONSTRUCT,
    HNSW_M,
    INT8_QUANTILE,
    REGIONS,
    REMEDY,
    IndexSchema,
    NamedVectors,
    RegionType,
)
from vdr.types import Quantization, VectorShape

_INT8 = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(
        type=models.ScalarType.INT8, quantile=INT8_QUANTILE, always_ram=True
    )
)
_QUANTIZATIONS: Mapping[Quantization, models.QuantizationConfig] = {
    Quantization.INT8: _INT8,
    Quantization.BINARY: models.BinaryQuantization(binary=models.BinaryQuantizationConfig(always_ram=True)),
}
_REGION_TYPES = {
    RegionType.UINT8: models.Datatype.UINT8,
    RegionType.FLOAT16: models.Datatype.FLOAT16,
}


def stored_schema(client: QdrantClient, name: str, asked: IndexSchema) -> IndexSchema:
    """The schema that a collection on the server has; the catalogue has already told the fingerprint."""
    vectors = client.get_collection(name).config.params.vectors
    if not isinstance(vectors, dict) or FULL not in vectors:
        raise IndexMismatch(f"{name} on the server is not a vdr index.")
    first, *more = (_shape_of(named, vectors) for named in asked.vectors if named.full in vectors)
    found = replace(
        asked,
        dims=first.dims,
        coarse_dims=first.coarse_dims,
        region_dims=None,
        has_many_vectors=first.has_many_vectors,
        quantization=_quantization_of(vectors),
        more=tuple(more),
    )
    if REGIONS not in vectors:
        return found
    regions = vectors[REGIONS]
    type = next((ours for ours, theirs in _REGION_TYPES.items() if theirs == regions.datatype), None)
    if type is None:
        raise IndexMismatch(f"{name} on the server stores regions as {regions.datatype}.", remedy=REMEDY)
    return replace(found, region_dims=regions.size, region_type=type)


def vector_params(schema: IndexSchema) -> dict[str, models.VectorParams]:
    """The vectors of the schema, by name."""
    params: dict[str, models.VectorParams] = {}
    for named in schema.vectors:
        params[named.full] = _full_params(named, schema.quantization)
        if named.has_coarse:
            params[named.coarse] = _dense_params(named.shape.coarse_dims, is_searched=True)
    if schema.region_dims is not None:
        params[REGIONS] = _multi_params(schema.region_dims, _REGION_TYPES[schema.region_type])
    return params


def _full_params(named: NamedVectors, quantization: Quantization) -> models.VectorParams:
    if named.shape.has_many_vectors:
        quantized = _QUANTIZATIONS.get(quantization)
        return _multi_params(named.shape.dims, models.Datatype.FLOAT16, quantized)
    return _dense_params(named.shape.dims, is_searched=not named.has_coarse)


def _multi_params(
    dims: int, stored_as: models.Datatype, quantized: models.QuantizationConfig | None = None
) -> models.VectorParams:
    """Many vectors a page, on disk and without a graph: they are compared with those of candidates."""
    return models.VectorParams(
        size=dims,
        distance=models.Distance.DOT,  # not cosine: the length of a query token is its weight
        datatype=stored_as,
        on_disk=True,
        hnsw_config=models.HnswConfigDiff(m=0),
        quantization_config=quantized,
        multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
    )


def _shape_of(named: NamedVectors, vectors: Mapping[str, models.VectorParams]) -> VectorShape:
    full = vectors[named.full]
    coarse = vectors[named.coarse].size if named.coarse in vectors else full.size
    return VectorShape(full.size, coarse, full.multivector_config is not None)


def _quantization_of(vectors: Mapping[str, models.VectorParams]) -> Quantization:
    """How many vectors a page are quantized on the server."""
    many = (params for params in vectors.values() if params.multivector_config is not None)
    quantized = [params.quantization_config for params in many if params.quantization_config is not None]
    if not quantized:
        return Quantization.NONE
    is_int8 = isinstance(quantized[0], models.ScalarQuantization)
    return Quantization.INT8 if is_int8 else Quantization.BINARY


def _dense_params(dims: int, *, is_searched: bool) -> models.VectorParams:
    """Float16 on disk; what is searched also as int8 in RAM under HNSW, what only rescores without."""
    return models.VectorParams(
        size=dims,
        distance=models.Distance.COSINE,
        datatype=models.Datatype.FLOAT16,
        on_disk=True,
        hnsw_config=models.HnswConfigDiff(m=HNSW_M if is_searched else 0, ef_construct=HNSW_EF_CONSTRUCT),
        quantization_config=_INT8 if is_searched else None,
    )

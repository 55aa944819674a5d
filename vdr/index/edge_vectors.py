"""What the embedded engine keeps of a page: which vectors, how they are stored, compared and searched."""

import qdrant_edge as edge

from vdr.index.schema import (
    HNSW_EF_CONSTRUCT,
    HNSW_M,
    INT8_QUANTILE,
    READ,
    REGIONS,
    TEXT,
    IndexSchema,
    NamedVectors,
    RegionType,
)
from vdr.types import Quantization

_MOST_KB = 2**40  # of a segment: few large graphs find more in less time than many small ones
_Quantized = edge.ScalarQuantizationConfig | edge.BinaryQuantizationConfig
_REGION_TYPES = {
    RegionType.UINT8: edge.VectorStorageDatatype.Uint8,
    RegionType.FLOAT16: edge.VectorStorageDatatype.Float16,
}


def config_of(schema: IndexSchema) -> edge.EdgeConfig:
    """The vectors of the schema. Whoever lets the engine optimize has all that is new put under a graph."""
    sparse = {
        name: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf, memory=edge.Memory.Cold)
        for name in (TEXT, READ)
    }
    return edge.EdgeConfig(
        vectors=_vector_params(schema),
        sparse_vectors=sparse,
        optimizers=edge.EdgeOptimizersConfig(
            indexing_threshold=1,  # KB; 0 would turn indexing off
            max_segment_size=_MOST_KB,
        ),
        wal_enabled=True,
    )


def _vector_params(schema: IndexSchema) -> dict[str, edge.EdgeVectorParams]:
    params: dict[str, edge.EdgeVectorParams] = {}
    for named in schema.vectors:
        params[named.full] = _full_params(named, schema.quantization)
        if named.has_coarse:
            params[named.coarse] = _dense_params(named.shape.coarse_dims, is_searched=True)
    if schema.region_dims is not None:
        params[REGIONS] = _multi_params(schema.region_dims, _REGION_TYPES[schema.region_type])
    return params


def _full_params(named: NamedVectors, quantization: Quantization) -> edge.EdgeVectorParams:
    if named.shape.has_many_vectors:
        quantized = _quantized(quantization)
        return _multi_params(named.shape.dims, edge.VectorStorageDatatype.Float16, quantized)
    return _dense_params(named.shape.dims, is_searched=not named.has_coarse)


def _multi_params(
    dims: int, stored_as: edge.VectorStorageDatatype, quantized: _Quantized | None = None
) -> edge.EdgeVectorParams:
    """Many vectors a page, on disk and without a graph: they are compared with those of candidates."""
    return edge.EdgeVectorParams(
        dims,
        edge.Distance.Dot,  # not cosine: the length of a query token is its weight
        datatype=stored_as,
        memory=edge.Memory.Cold,
        hnsw_config=_hnsw(0),
        quantization_config=quantized,
        multivector_config=edge.MultiVectorConfig(edge.MultiVectorComparator.MaxSim),
    )


def _quantized(how: Quantization) -> _Quantized | None:
    match how:
        case Quantization.NONE:
            return None
        case Quantization.INT8:
            return _int8()
        case Quantization.BINARY:
            return edge.BinaryQuantizationConfig(memory=edge.Memory.Pinned)


def _int8() -> edge.ScalarQuantizationConfig:
    return edge.ScalarQuantizationConfig(
        type=edge.ScalarType.Int8, quantile=INT8_QUANTILE, memory=edge.Memory.Pinned
    )


def _dense_params(dims: int, *, is_searched: bool) -> edge.EdgeVectorParams:
    """Float16 on disk; what is searched also as int8 in RAM under HNSW, what only rescores without."""
    return edge.EdgeVectorParams(
        dims,
        edge.Distance.Cosine,
        datatype=edge.VectorStorageDatatype.Float16,
        memory=edge.Memory.Cold,
        hnsw_config=_hnsw(HNSW_M if is_searched else 0),
        quantization_config=_int8() if is_searched else None,
    )


def _hnsw(m: int) -> edge.HnswIndexConfig:
    return edge.HnswIndexConfig(m=m, ef_construct=HNSW_EF_CONSTRUCT, full_scan_threshold=10_000)

"""The vector index: its schema, the search plan, and the two engines that execute it.

Imports `vdr.types`, `vdr.errors`, `vdr.settings`, words and prints; neither models nor catalogue.
Begin with `engine.py`: what any engine offers.
"""

from vdr.index.bm25 import page_terms, query_terms
from vdr.index.edge import EdgeIndex
from vdr.index.engine import VectorIndex
from vdr.index.plan import SearchPlan, plan_search
from vdr.index.qdrant import QdrantIndex
from vdr.index.schema import IndexSchema, point_id
from vdr.settings import IndexSettings

__all__ = [
    "EdgeIndex",
    "IndexSchema",
    "QdrantIndex",
    "SearchPlan",
    "VectorIndex",
    "open_index",
    "page_terms",
    "plan_search",
    "point_id",
    "query_terms",
]


def open_index(settings: IndexSettings, schema: IndexSchema) -> VectorIndex:
    """The index of a collection: on the Qdrant server that VDR_QDRANT_URL names, else embedded in data_dir.

    Raises IndexMismatch where the collection was built for another schema, IndexLocked where another process
    holds the embedded index, IndexUnavailable where the server does not answer.
    """
    if settings.qdrant_url is not None:
        key = settings.qdrant_api_key
        return QdrantIndex.from_url(settings.qdrant_url, key.get_secret_value() if key else None, schema)
    return EdgeIndex.open(settings.data_dir.expanduser(), schema)

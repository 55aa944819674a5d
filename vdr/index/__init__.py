"""The vector index: its schema, the search plan, and the two engines that execute it."""

from vdr.index.bm25 import page_terms, query_terms
from vdr.index.edge import EdgeIndex
from vdr.index.engine import VectorIndex
from vdr.index.plan import SearchPlan, plan_search
from vdr.index.pool import Indexes
from vdr.index.qdrant import QdrantIndex
from vdr.index.schema import IndexSchema, point_id, schema_of

__all__ = [
    "EdgeIndex",
    "IndexSchema",
    "Indexes",
    "QdrantIndex",
    "SearchPlan",
    "VectorIndex",
    "page_terms",
    "plan_search",
    "point_id",
    "query_terms",
    "schema_of",
]

"""The vector index: its schema and the two engines that store and look up. Ranking is vdr.search's.

Imports `vdr.types`, `vdr.errors`, `vdr.settings`, filters, words and prints; neither models nor catalogue.
Begin with `engine.py`: what any engine offers.
"""

from vdr.index.bm25 import page_terms, query_terms
from vdr.index.edge import EdgeIndex
from vdr.index.engine import Nearest, StoredPage, VectorIndex
from vdr.index.pool import Indexes
from vdr.index.schema import IndexSchema, point_id, schema_of

__all__ = [
    "EdgeIndex",
    "IndexSchema",
    "Indexes",
    "Nearest",
    "StoredPage",
    "VectorIndex",
    "page_terms",
    "point_id",
    "query_terms",
    "schema_of",
]

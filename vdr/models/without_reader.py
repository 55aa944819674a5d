"""What is true of every embedder that reads no words from pixels itself and has no reader beside it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from vdr.models.query_embedder import QueryEmbedder

if TYPE_CHECKING:  # takes seconds to import, and what embeds questions alone has none
    from vdr.models.reader import Reader


FEWEST_AT_ONCE = 8  # pages: a run that is drawn at once (indexer/pdf/rasterize.py)


class WithoutReader:
    """One embedder, without words or region codes of its own; see Embedder for what each attribute tells."""

    name: str
    fingerprint: str
    dims: int
    coarse_dims: int | None = None
    region_dims: int | None = None
    reader: "Reader | None" = None
    reader_name: str | None = None
    more: Sequence[QueryEmbedder] = ()
    reads_words = False
    takes_words = False
    dense_weight = 1.0

    def related_terms(self, query: str) -> Mapping[str, str]:
        """None: what means the same lies near in its space, and no words tell."""
        return {}

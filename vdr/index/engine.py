"""What any vector index offers; EdgeIndex and QdrantIndex keep to it and share one contract-test suite.

An index stores and looks up, and ranks nothing: which lists to ask for and what to make of them is a matter
of vdr.search.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from vdr.index.schema import IndexSchema
from vdr.types import (
    Document,
    Filter,
    FloatArray,
    Metadata,
    PagePoint,
    PageRef,
    PageVectors,
    QueryTokens,
    SparseVector,
)


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """The best `limit` points by the vector `name` (one of schema.py's), of those that `among` finds.

    `is_exact` compares what is stored, also where a quantized form of it is kept in memory.
    """

    name: str
    vector: FloatArray | SparseVector
    limit: int
    among: "Nearest | None" = None
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class StoredPage:
    """Which page a point is, what is printed on it as its number, and what its document is called.

    `page_count` is that of the document, None where it is not known.
    """

    page: PageRef
    document_name: str
    page_label: str = ""
    title: str = ""
    page_count: int | None = None


Scores = tuple[tuple[str, float], ...]  # (point id, score), in any order


class VectorIndex(Protocol):
    """The index of one collection. Safe to use from several threads at once."""

    schema: IndexSchema

    @property
    def changes(self) -> int | None:
        """Another number after each change; None where other processes may change it as well."""
        ...

    def upsert(self, points: Sequence[PagePoint]) -> None:
        """Store pages; a page stored before is replaced. What was stored survives a killed process.

        Raises IndexMismatch for vectors of another width or type than the schema's.
        """
        ...

    def set_words(
        self, document_id: str, text: Mapping[int, SparseVector], read: Mapping[int, SparseVector]
    ) -> None:
        """Replace both sparse vectors of pages, by page number, which note that today's rule made them.

        An empty vector leaves what is there; the pages have to be there.
        """
        ...

    def set_embeddings(self, document_id: str, made: Mapping[int, Sequence[PageVectors | None]]) -> None:
        """Replace the embeddings of pages, by page number: those of each embedder, in order.

        None leaves what is there; the pages have to be there.
        """
        ...

    def pages_of_other_words(self, document_id: str) -> frozenset[int]:
        """Which pages of a document another rule than today's split into words."""
        ...

    def set_document(self, document: Document) -> None:
        """Replace what the pages of a document say of it: name, metadata and all else that filters look at.

        Vectors stay as they are; a document without pages is no error.
        """
        ...

    def set_page_labels(self, document_id: str, labels: Mapping[int, str]) -> None:
        """Replace the labels of pages, by page number; the pages have to be there."""
        ...

    def outdated_pages(self, document: Document, labels: Mapping[int, str]) -> frozenset[int]:
        """Which pages of a document do not say of it what it says itself, or have another label.

        A page that `labels` leaves out is labelled by its number.
        """
        ...

    def index_fields(self) -> None:
        """Have look-ups by filter be quick in an index of the version before; others are made so."""
        ...

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document; a missing one is not an error."""
        ...

    def count(self, document_id: str | None = None) -> int:
        """Number of pages stored, of one document or of all."""
        ...

    def rough_count(self) -> int:
        """About how many pages are stored, at no cost to a search."""
        ...

    def page_numbers(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are stored."""
        ...

    def points(self) -> Iterator[PagePoint]:
        """Every page ordered by point id: embedding in float16, regions as stored, what is absent None."""
        ...

    def page_keys(self) -> Iterator[PageRef]:
        """Every page, in any order, without its vectors."""
        ...

    def nearest(
        self, queries: Sequence[Nearest], where: Filter | None = None, without: Collection[str] = ()
    ) -> list[Scores]:
        """What each query finds among the pages that `where` lets pass, all in one round trip.

        The points `without` are left out.
        """
        ...

    def region_scores(self, tokens: QueryTokens, point_ids: Sequence[str]) -> Mapping[str, float]:
        """MaxSim of the tokens against each point's regions: sum over tokens of the best dot product.

        Points without regions are left out.
        """
        ...

    def page_embeddings(self, page: PageRef) -> tuple[FloatArray, ...] | None:
        """The full embedding of a page by each embedder, in float16; None where the page is not stored.

        Each is (dims,), or (vectors, dims) of one that gives many. Raises IndexMismatch where one is missing.
        """
        ...

    def pages(self, point_ids: Sequence[str]) -> Mapping[str, StoredPage]:
        """The pages of these points; those deleted meanwhile are left out."""
        ...

    def fields(self, point_ids: Sequence[str], names: Sequence[str]) -> Mapping[str, Metadata]:
        """What filters see of these points: the fields of these names that each has, built in or metadata.

        Points deleted meanwhile are left out.
        """
        ...

    def flush(self) -> None:
        """Bring everything written so far to the disk itself, so that it survives a power cut too."""
        ...

    def finish_building(self) -> None:
        """Wait until what makes searches fast is there for all pages that are due to have it.

        It is built in the background, and given up when the index is closed.
        """
        ...

    def close(self) -> None:
        """Flush and let go of the index; another process may open it then."""
        ...

"""What any vector index offers; EdgeIndex and QdrantIndex keep to it and share one contract-test suite."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from vdr.index.plan import SearchPlan
from vdr.index.schema import IndexSchema
from vdr.types import Candidate, PagePoint, SparseVector


class VectorIndex(Protocol):
    """The index of one collection. Safe to use from several threads at once."""

    schema: IndexSchema

    def upsert(self, points: Sequence[PagePoint]) -> None:
        """Store pages; a page stored before is replaced. What was stored survives a killed process."""
        ...

    def set_text_terms(self, document_id: str, terms: Mapping[int, SparseVector]) -> None:
        """Replace the text's sparse vector of pages, by page number; the pages have to be there."""
        ...

    def delete_document(self, document_id: str) -> None:
        """Remove all pages of a document; one that is not there is no error."""
        ...

    def count(self, document_id: str | None = None) -> int:
        """Number of pages stored, of one document or of all."""
        ...

    def page_numbers(self, document_id: str) -> frozenset[int]:
        """Which pages of a document are stored."""
        ...

    def points(self) -> Iterator[PagePoint]:
        """Every page ordered by point id: embedding in float16, regions in bytes, what is absent None."""
        ...

    def page_keys(self) -> Iterator[tuple[str, int]]:
        """Document id and page number of every page, in any order, without their vectors."""
        ...

    def search(self, plan: SearchPlan) -> list[Candidate]:
        """The plan's pages, best first."""
        ...

    def flush(self) -> None:
        """Bring everything written so far to the disk itself, so that it survives a power cut too."""
        ...

    def close(self) -> None:
        """Flush and let go of the index; another process may open it then."""
        ...

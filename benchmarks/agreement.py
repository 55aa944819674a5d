"""Whether a service that went through something holds what an undisturbed library holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import Service
from indexer.ingest import index_document
from indexer.upkeep import check
from tests.fixtures.libraries import content, library_in


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pages that are missing, there twice or more than there should be, or other ones; work done twice."""

    pages: int
    lost: int
    duplicated: int
    orphaned: int
    different: int
    redone_percent: float

    @property
    def is_full(self) -> bool:
        """Whether both hold the same."""
        return not (self.lost or self.duplicated or self.orphaned or self.different)


def agreement(service: Service, files: Sequence[Path], work_dir: Path) -> Agreement:
    """Stop the service and compare it with a library that indexes `files` in peace."""
    service.stop()
    with service.library() as library:
        found, faults = content(library), list(check(library))
        listed = [document.name for document in library.catalogue.page(10 * len(files))]
    with library_in(work_dir / "peaceful") as library:
        for file in files:
            index_document(library, library.add(file, file.name)[0].document_id)
        expected = content(library)
    return Agreement(
        pages=len(expected),
        lost=len(expected.keys() - found.keys()),
        duplicated=len(listed) - len(set(listed)),
        orphaned=len(found.keys() - expected.keys()) + len(faults),
        different=sum(expected[key] != found[key] for key in expected.keys() & found.keys()),
        redone_percent=round(100 * (service.pages_embedded() / len(expected) - 1), 2),
    )

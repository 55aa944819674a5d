"""What was found by document: the best pages of each, the documents in the order of their best one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vdr.types import Candidate

# More than the first stages together ever find: a document counts with all of its pages among these.
EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Grouped:
    """Pages with their ranks among all that were found, from 1, those of a document one after the other.

    `pages_found` are how many of each document were found, also those that are left out here.
    """

    ranked: tuple[tuple[int, Candidate], ...]
    pages_found: dict[str, int]


def grouped(
    found: Sequence[Candidate], each: int, limit: int, offset: int = 0, without: Collection[str] = ()
) -> Grouped:
    """The best pages, `each` of them at most, of the `limit` documents after the first `offset`.

    Documents `without` which the list is to be are passed over.
    """
    by_document: dict[str, list[tuple[int, Candidate]]] = {}
    for rank, candidate in enumerate(found, start=1):
        if candidate.page.document_id not in without:
            by_document.setdefault(candidate.page.document_id, []).append((rank, candidate))
    shown = dict(list(by_document.items())[offset : offset + limit])
    ranked = tuple(pair for pairs in shown.values() for pair in pairs[:each])
    return Grouped(ranked, {document_id: len(pairs) for document_id, pairs in shown.items()})

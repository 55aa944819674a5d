"""A document's evidence for its pages.

A question often says which document it is about ("in 3M's report for 2018") and what to find there; the page
that answers says only the latter. So pages of a document that answers well elsewhere, or whose name or title
is asked for, are better answers than the same words in another one (compare Callan, Passage-Level Evidence in
Document Retrieval, SIGIR 1994, who combines the two the same way).
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from vdr.index import StoredPage
from vdr.words import wholes

# docs/decisions/0012-documents.md has what other weights and numbers of pages give.
PAGES = 5
PAGES_WEIGHT = 1.0
NAME_WEIGHT = 2.0
_RUN = re.compile(r"[0-9]{2,}|[^\W\d_]{2,}")


def document_evidence(
    scores: Mapping[str, float], pages: Mapping[str, StoredPage], asked: Sequence[str]
) -> dict[str, float]:
    """What to add to the scores of points: nothing where all of them are of one document.

    For each document the sum of its PAGES best scores over PAGES, and the inverse document frequencies (among
    the documents at hand, as in BM25) of the query's terms that its name or its title contains.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for point in scores:
        if point in pages:
            found[pages[point].page.document_id].append(point)
    if len(found) < 2:
        return {}
    named = _name_scores({key: _called(pages[points[0]]) for key, points in found.items()}, asked)
    evidence: dict[str, float] = {}
    for key, points in found.items():
        best = sorted((scores[point] for point in points), reverse=True)[:PAGES]
        told = PAGES_WEIGHT * sum(best) / PAGES + NAME_WEIGHT * named.get(key, 0.0)
        evidence.update(dict.fromkeys(points, told))
    return evidence


def are_named(words: Collection[str], pages: Iterable[StoredPage]) -> frozenset[str]:
    """Those of the words that the name or the title of a page's document has."""
    names = {_called(page) for page in pages}
    held = {part for name in names for part in _parts(wholes(name))}
    return frozenset(word for word in words if not _parts([word]).isdisjoint(held))


def _called(page: StoredPage) -> str:
    """What a page's document is called: by its name, and by its own title."""
    return f"{page.document_name.replace('_', ' ')} {page.title}"


def _name_scores(names: Mapping[str, str], asked: Sequence[str]) -> dict[str, float]:
    wanted = _parts(asked)
    if not wanted:
        return {}
    held = {key: wanted & _parts(wholes(name)) for key, name in names.items()}
    scores: dict[str, float] = defaultdict(float)
    for term in wanted:
        having = [key for key, parts in held.items() if term in parts]
        rarity = math.log1p((len(names) - len(having) + 0.5) / (len(having) + 0.5))
        for key in having:
            scores[key] += rarity
    return scores


def _parts(words: Iterable[str]) -> set[str]:
    """Terms, and the runs of letters and of digits in them: 2018 of "fy2018" and of "2018q2"."""
    return {part for word in words for part in (word, *_RUN.findall(word))}

"""How to put together what a text and an image find: made forms of several kinds about several subjects.

    python -m benchmarks.both_sides

Each form is one page: labels of its kind, and a few lines about its subject. Each subject also has pages of
prose that say more of it than any form. Asked is with a form of the wanted kind about something else, as an
image and as an indexed page, and with some words of the wanted subject; right is the only page that is of
this kind and about this subject. The last line is one JSON object: by combination the share of questions
whose right page comes first, and the mean reciprocal rank of right pages.
"""

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean

from indexer.ingest import index_document
from indexer.library import Library
from indexer.services import open_services
from tests.fixtures.pdfs import write_pdf
from vdr.models.loading import Models
from vdr.search.grouping import EVERYTHING
from vdr.search.page_query import asked_by_page
from vdr.search.request import sides
from vdr.search.reranking import decoded
from vdr.search.searcher import Searcher
from vdr.settings import IndexSettings, Settings
from vdr.types import PageRef, QueryVectors, SearchRequest

KINDS: Mapping[str, Sequence[str]] = {
    "inspection": ("Inspection report", "Inspector", "Date of visit", "Defects found", "Next inspection due"),
    "delivery": ("Delivery note", "Carrier", "Parcels", "Received by", "Condition on arrival"),
    "minutes": ("Minutes of the meeting", "Chair", "Present", "Decisions", "Next meeting"),
    "quotation": ("Quotation", "Customer", "Price without tax", "Valid until", "Terms of payment"),
    "training": ("Record of training", "Trainer", "Participants", "Subjects covered", "Signature"),
    "incident": ("Incident report", "Reported by", "What happened", "Injuries", "Measures taken"),
}
SUBJECTS: Mapping[str, str] = {
    "tower crane": "The hoist rope and the slewing ring are greased every month.",
    "passenger lift": "The doors and the overspeed governor are checked by hand.",
    "steam boiler": "The burner is swept and the feed water is softened.",
    "fork truck": "The mast chains stretch and the tyres wear on gravel.",
    "wind turbine": "The gearbox oil is sampled and the blades are washed.",
    "swimming pool": "The chlorine is measured and the filter is rinsed.",
    "fire ladder": "The rungs are load tested and the hydraulics bled.",
    "paint booth": "The exhaust filters are changed and the nozzles cleaned.",
}
ELSEWHERE = (
    "loading ramp",
    "The lip plate is welded and the buffers are replaced.",
)  # what forms asked with are about
_Combination = Callable[[float, float], tuple[float, ...]]
COMBINATIONS: Mapping[str, _Combination] = {
    "mean": lambda query, like: (query + like,),
    "product": lambda query, like: (query * like, query + like),
    "least": lambda query, like: (min(query, like), query + like),
    "mostly_least": lambda query, like: (3 * min(query, like) + max(query, like),),  # vdr.search.both
    "noisy_or": lambda query, like: (1 - (1 - query) * (1 - like),),
    "text_alone": lambda query, like: (query,),
    "like_alone": lambda query, like: (like,),
}


@dataclass(frozen=True)
class Question:
    """A form to search by, words to search for, and the one page that is right."""

    request: SearchRequest
    right: PageRef


def main() -> None:
    """Index the made pages, ask, print."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=IndexSettings(data_dir=Path(folder) / "data"))
        with open_services(settings, Models(settings.model)) as services:
            library = services.library(None, create=True)
            pages = _indexed(library, Path(folder))
            assert library.index is not None
            searcher = Searcher(library.embedder, library.index, library.objects, settings.search)
            ranks = [_ranks(question, searcher) for question in _questions(pages, library)]
    for name in COMBINATIONS:
        own = [each[name] for each in ranks]
        print(f"{name:12s} first {mean(rank == 1 for rank in own):.3f}  mrr {_mrr(own):.3f}")
    found = {name: _told([each[name] for each in ranks]) for name in COMBINATIONS}
    print(json.dumps({"pages": len(pages), "questions": len(ranks), **found}))


def _told(ranks: Sequence[float]) -> dict[str, float]:
    return {"first": round(mean(rank == 1 for rank in ranks), 3), "mrr": round(_mrr(ranks), 3)}


def _mrr(ranks: Sequence[float]) -> float:
    return mean(1 / rank for rank in ranks)


def _indexed(library: Library, folder: Path) -> dict[tuple[str, str], PageRef]:
    """The pages by kind and subject, prose by "prose-1" and the like."""
    pages = {}
    subjects = {**SUBJECTS, ELSEWHERE[0]: ELSEWHERE[1]}
    for place, (subject, fact) in enumerate(subjects.items()):
        texts = {kind: _form(kind, subject, fact, place) for kind in KINDS}
        texts |= {f"prose-{n}": _prose(subject, fact, n) for n in (1, 2)}
        for kind, text in texts.items():
            path = write_pdf(folder / f"{place}-{kind}.pdf", [text])
            document, _ = library.add(path, path.name)
            index_document(library, document.document_id)
            pages[kind, subject] = PageRef(document.document_id, 1)
    return pages


def _form(kind: str, subject: str, fact: str, number: int) -> str:
    """No two forms of a kind have all labels in common, and each names another subject beside its own."""
    title, *labels = KINDS[kind]
    left = [label for place, label in enumerate(labels) if place != number % len(labels)]
    lines = [
        title if number % 3 else f"Form {number}",
        *(f"{label}: {number + place}" for place, label in enumerate(left)),
    ]
    other = [*SUBJECTS][(number + 1) % len(SUBJECTS)]
    return "\n".join([*lines, f"Object: {subject}", fact, f"See also: {other}"])


def _prose(subject: str, fact: str, number: int) -> str:
    return "\n".join(
        [f"On the {subject}, part {number}", fact, f"Who works with a {subject} reads this.", fact]
    )


def _questions(pages: Mapping[tuple[str, str], PageRef], library: Library) -> Iterator[Question]:
    for kind in KINDS:
        form = pages[kind, ELSEWHERE[0]]
        image = decoded(library.objects.page_image(form))
        for subject, fact in SUBJECTS.items():
            right = pages[kind, subject]
            for text in (subject, " ".join(fact.split()[1:3]), f"upkeep costs of a {subject} per year"):
                yield Question(SearchRequest(text, page=form), right)
            yield Question(SearchRequest(subject, image), right)


def _ranks(question: Question, searcher: Searcher) -> dict[str, float]:
    """The rank of the right page by each combination; infinite where neither side finds it."""
    asked, page = sides(question.request), question.request.page
    if page is not None:
        asked = tuple(asked_by_page(side, page) for side in asked)
    query, like = (_shares(side, searcher) for side in asked)
    scores = {each: (query.get(each, 0.0), like.get(each, 0.0)) for each in {**query, **like}}
    return {name: _rank(question.right, scores, combine) for name, combine in COMBINATIONS.items()}


def _rank(right: PageRef, scores: Mapping[PageRef, tuple[float, float]], combine: _Combination) -> float:
    if right not in scores:
        return math.inf
    own = combine(*scores[right])
    return 1 + sum(combine(*each) > own for each in scores.values())


def _shares(side: SearchRequest, searcher: Searcher) -> dict[PageRef, float]:
    vectors: QueryVectors
    if side.page is not None:
        vectors = searcher.page_vectors(side.page)
    else:
        (vectors,) = searcher.embedder.encode_queries([side.image or side.text or ""])
    plan = searcher.plan(replace(side, limit=EVERYTHING), vectors)
    return {each.page: each.score for each in searcher.execute(plan).candidates}


if __name__ == "__main__":
    main()

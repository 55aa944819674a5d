"""Sentences that say why a page was found: which words of a question it has, and what answers the others."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from vdr.legible import legible_words
from vdr.merging import merged
from vdr.prints import boxes_of, print_of
from vdr.types import PageWords, QueryVectors, Region, Stage, Vote
from vdr.words import having_relatives, row_of, wanted_in

_MOST_NAMED = 6  # words; a sentence with more is not read
_NOTABLE = 0.1  # of the question, which a stage has to fill to be spoken of
_VECTORS = (Stage.FULL, Stage.FULL_2, Stage.FULL_3)
_ORDINALS = {1: "", 2: "second ", 3: "third "}


@dataclass(frozen=True, slots=True)
class Answered:
    """The words of a question: those `printed` on the page, in any form; others with the `related` words that
    stand for them there; those answered by `likeness`, to a part of the page; and those by `nothing`."""

    printed: tuple[str, ...]
    related: tuple[tuple[str, tuple[str, ...]], ...]
    likeness: tuple[str, ...]
    nothing: tuple[str, ...]


def sentence(asked: QueryVectors, words: PageWords, regions: Sequence[Region]) -> str:
    """Which words of a question stand on a page, which others stand for them, and which need none."""
    parts = list(_parts(_answered(asked, _found(asked, words), regions)))
    if any(not region.words for region in regions):
        others = "other " if any(region.words for region in regions) else ""
        parts.append(f"the {others}regions are those most like the query as a whole")
    return _whole(parts or ["nothing answers the query"])


def reason(asked: QueryVectors, found: Set[str], votes: Mapping[Stage, Vote]) -> str:
    """Why a search has found a page: by the words asked that it has, and by what the stages say of it.

    `found` are terms of the query, their other forms and related ones that stand on the page.
    """
    parts = [*_by_rerankers(votes), *_by_place(votes)]
    parts += _parts(replace(_answered(asked, found, ()), nothing=()))
    parts += _by_like(votes)
    likest = min((votes[stage].rank for stage in _VECTORS if _counts(stage, votes)), default=0)
    if likest in _ORDINALS:
        parts.append(f"a model finds it the {_ORDINALS[likest]}most like the query, of the pages searched")
    if _counts(Stage.DOCUMENT, votes) and _share(Stage.DOCUMENT, votes) > max(
        _share(Stage.TEXT, votes), _share(Stage.READ, votes)
    ):
        parts.append("its document answers as well, by its name or on other pages")
    return _whole(parts or [_by_little(votes)])


def _by_rerankers(votes: Mapping[Stage, Vote]) -> Iterator[str]:
    vote = votes.get(Stage.CROSS_ENCODER)
    if vote is not None and vote.rank in _ORDINALS:
        yield f"the reranker finds it the {_ORDINALS[vote.rank]}best"


def _by_like(votes: Mapping[Stage, Vote]) -> Iterator[str]:
    vote = votes.get(Stage.LIKE)
    if vote is not None and vote.rank in _ORDINALS and _counts(Stage.LIKE, votes):
        yield f"it is the {_ORDINALS[vote.rank]}most like the image or page searched by"


def _by_little(votes: Mapping[Stage, Vote]) -> str:
    if any(stage in votes for stage in _VECTORS):
        return "it is somewhat like the query as a whole"
    if Stage.TEXT in votes:
        return "its label, or the title of its document, has words of the query"
    return "it is somewhat like the query"


def _by_place(votes: Mapping[Stage, Vote]) -> Iterator[str]:
    if _counts(Stage.PLACE, votes):
        yield "the query names this page, or what is on it"
    if _counts(Stage.PHRASE, votes):
        yield "a quoted phrase stands on the page word for word"


def _counts(stage: Stage, votes: Mapping[Stage, Vote]) -> bool:
    """Whether a stage fills enough of the question to be spoken of."""
    return _share(stage, votes) >= _NOTABLE


def _share(stage: Stage, votes: Mapping[Stage, Vote]) -> float:
    vote = votes.get(stage)
    return 0.0 if vote is None or vote.share is None else vote.share


def _whole(parts: Sequence[str]) -> str:
    text = "; ".join(parts)
    return f"{text[0].upper()}{text[1:]}."


def _answered(asked: QueryVectors, found: Set[str], regions: Sequence[Region]) -> Answered:
    own = {term: term for term in asked.terms}
    printed = {word for term, word in {**asked.forms, **own}.items() if term in found}
    terms = having_relatives(asked.terms) or asked.terms
    absent = [term for term in terms if term not in printed]
    related = {
        term: tuple(o for o, of in asked.related.items() if of == term and o in found) for term in absent
    }
    left = [term for term in absent if not related[term]]
    alike = {word for region in regions for word in region.words}
    # Where a region answers the query as a whole, nobody knows which of its words.
    are_known = all(region.words for region in regions)
    return Answered(
        tuple(term for term in terms if term in printed),
        tuple((term, others) for term, others in related.items() if others),
        tuple(term for term in left if term in alike),
        tuple(term for term in left if term not in alike) if are_known else (),
    )


def _found(asked: QueryVectors, words: PageWords) -> frozenset[str]:
    """The terms that a page has, in its text layer, by OCR or as it was read."""
    wanted = frozenset((*asked.terms, *asked.forms, *asked.related))
    sources = (print_of(source) for source in (merged(words), legible_words(words.read)))
    rows = (row_of(source.texts, boxes_of(source), wanted=wanted) for source in sources if source.texts)
    return frozenset(found.term for row in rows for found in wanted_in(row, wanted))


def _parts(answered: Answered) -> Iterator[str]:
    if answered.printed:
        yield f"{_listed(answered.printed)} {_verb(answered.printed, 'stand')} on the page"
    for word, others in answered.related[:_MOST_NAMED]:
        yield f"{_listed(others)} {_verb(others, 'stand')} for {_listed([word])}"
    if answered.likeness:
        yield f"likeness answers {_listed(answered.likeness)}"
    if answered.nothing:
        yield f"nothing answers {_listed(answered.nothing)}"


def _verb(subjects: Sequence[str], verb: str) -> str:
    return f"{verb}s" if len(subjects) == 1 else verb


def _listed(words: Sequence[str]) -> str:
    """Words in quotes; of many the first, and how many more there are."""
    shown = [f"“{word}”" for word in words[:_MOST_NAMED]]
    if len(words) > _MOST_NAMED:
        shown.append(f"{len(words) - _MOST_NAMED} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)

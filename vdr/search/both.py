"""A search by a text and by an image or page at once: what each side finds by itself, put together."""

from collections.abc import Sequence
from dataclasses import replace

from vdr.search.execute import Found
from vdr.search.fusion import ranks
from vdr.types import Candidate, PageRef, Stage, Vote

# The lesser share alone would leave pages without order that only one side has found; the mean of both has
# fewer right pages first (benchmarks/both_sides.py).
_OF_LESSER = 0.75


def together(query: Found, like: Found) -> Found:
    """What was found by a text and by what is `like` an image or page, best first; equal ones by page.

    A page scores 0.75 times its lesser share and 0.25 times its greater one, where the share is 0 of a side
    that has not found it: what is half of each comes before what is all of one and nothing of the other. The
    other stages of a hit are those of the text, and so are the words that no page has.
    """
    of_query, of_like = _shares(query.candidates), _shares(like.candidates)
    placed = dict(zip(of_like, ranks(list(of_like.values())), strict=True))
    known = {each.page: each for each in query.candidates}
    # Of a page that only likeness has found the stages are not those of the text.
    others = (replace(each, stages={}, votes={}) for each in like.candidates if each.page not in known)
    joined = [
        _joined(each, of_query.get(each.page, 0.0), of_like.get(each.page, 0.0), placed.get(each.page))
        for each in (*query.candidates, *others)
    ]
    return Found(sorted(joined, key=lambda each: (-each.score, each.page)), query.missing)


def _joined(page: Candidate, query: float, like: float, rank: int | None) -> Candidate:
    """`rank` is that of the page among what is like the image or page; None: it is not there."""
    votes = page.votes if rank is None else {**page.votes, Stage.LIKE: Vote(rank, like)}
    stages = {**page.stages, Stage.QUERY: query, Stage.LIKE: like}
    score = _OF_LESSER * min(query, like) + (1 - _OF_LESSER) * max(query, like)
    return replace(page, score=score, stages=stages, votes=votes)


def _shares(found: Sequence[Candidate]) -> dict[PageRef, float]:
    """How much each page accounts for by one side, from 0 to 1, best first.

    A cross-encoder's scores are on a scale of their own: the pages that it has put in order get the shares
    that they had before, in the new order.
    """
    scores = [each.score for each in found]
    if any(Stage.CROSS_ENCODER in each.stages for each in found):
        scores = sorted((each.stages[Stage.FUSION] for each in found), reverse=True)
    return {each.page: score for each, score in zip(found, scores, strict=True)}

"""What the stages of a search tell of how sure it is, as numbers to weigh."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from vdr.types import Candidate, Stage

Floats = npt.NDArray[np.float64]

# So many of the best pages are compared with each other, however many are asked for.
COMPARED = 50
# What `signs` tells of a page, in this order.
SIGNS = (
    "words",  # shares of the question, by stage
    "vector",
    "late_interaction",
    "document",
    "named",  # by a phrase that it quotes, or a place
    "likeness",  # scores of vectors, as they are
    "more_likeness",
    "lead",  # evidence of all stages beyond that of the best other page
    "document_lead",  # ... that of the best page of another document
    "one_document",
    "words_relief",  # shares and scores beyond those of the tenth page
    "likeness_relief",
    "more_relief",
    "company",  # share of the ten best pages that are of its document
    "agreement",  # of the stages: how near the top they have it
    "cross_encoder",
    "rank",
    "missing",  # share of the question by weight that no page searched has
)
_WORDS, _VECTORS, _MORE = (Stage.TEXT, Stage.READ), (Stage.FULL,), (Stage.FULL_2, Stage.FULL_3)
_NAMED = (Stage.PHRASE, Stage.PLACE)
_TENTH = 10
_LEAST_OPEN = 1e-4


def signs(candidates: Sequence[Candidate], missing: float) -> Floats:
    """What a search tells of its pages, best first: a row of `SIGNS` for each, shape (pages, signs).

    Pages are compared with the first `COMPARED` alone, so that no sign depends on how many are asked for.
    Candidates need their votes; `missing` is the share of the question that no page searched has.
    """
    if not candidates:
        return np.empty((0, len(SIGNS)))
    documents = np.array([each.page.document_id for each in candidates])
    evidence = np.array([_evidence(each) for each in candidates])
    words = _shares(candidates, _WORDS)
    likeness, more_likeness = _scores(candidates, _VECTORS), _scores(candidates, _MORE)
    is_alone = len(set(documents[:COMPARED])) == 1
    columns: dict[str, npt.ArrayLike] = {
        "words": words,
        "vector": _shares(candidates, _VECTORS),
        "late_interaction": _shares(candidates, (Stage.LATE_INTERACTION,)),
        "document": _shares(candidates, (Stage.DOCUMENT,)),
        "named": _shares(candidates, _NAMED),
        "likeness": likeness,
        "more_likeness": more_likeness,
        "lead": _lead(evidence),
        "document_lead": 0.0 if is_alone else _document_lead(evidence, documents),
        "one_document": is_alone,
        "words_relief": _relief(words),
        "likeness_relief": _relief(likeness),
        "more_relief": _relief(more_likeness),
        "company": [np.mean(documents[:_TENTH] == each) for each in documents],
        "agreement": [_agreement(each) for each in candidates],
        "cross_encoder": _scores(candidates, (Stage.CROSS_ENCODER,)),
        "rank": np.log(np.arange(1, len(candidates) + 1)),
        "missing": missing,
    }
    return np.stack([np.broadcast_to(columns[sign], len(candidates)) for sign in SIGNS], axis=1)


def _evidence(candidate: Candidate) -> float:
    """-log of what all stages leave open of the question."""
    left_open = 1.0 - candidate.stages.get(Stage.FUSION, 0.0)
    left_open *= 1.0 - _share(candidate, (Stage.LATE_INTERACTION,))
    return -math.log(max(left_open, _LEAST_OPEN))


def _share(candidate: Candidate, stages: Iterable[Stage]) -> float:
    votes = (candidate.votes[stage] for stage in stages if stage in candidate.votes)
    return max((vote.share or 0.0 for vote in votes), default=0.0)


def _shares(candidates: Iterable[Candidate], stages: Sequence[Stage]) -> Floats:
    return np.array([_share(each, stages) for each in candidates])


def _scores(candidates: Iterable[Candidate], stages: Sequence[Stage]) -> Floats:
    """The best score by these stages; of a page that they have not seen, the worst of those they have."""
    seen = ([each.stages[stage] for stage in stages if stage in each.stages] for each in candidates)
    scores = np.array([max(each, default=math.nan) for each in seen])
    known = scores[:COMPARED][~np.isnan(scores[:COMPARED])]
    scores[np.isnan(scores)] = known.min() if len(known) else 0.0
    return scores


def _lead(evidence: Floats) -> Floats:
    """The best other page has the second most where the page itself has most."""
    *_, second, first = np.sort(np.append(evidence[:COMPARED], 0.0))
    others: Floats = np.full(len(evidence), first)
    others[int(evidence[:COMPARED].argmax())] = second
    leads: Floats = evidence - others
    return leads


def _document_lead(evidence: Floats, documents: npt.NDArray[np.str_]) -> Floats:
    compared = documents[:COMPARED]
    others = {each: evidence[:COMPARED][compared != each].max() for each in dict.fromkeys(documents)}
    leads: Floats = evidence - np.array([others[each] for each in documents])
    return leads


def _relief(told: Floats) -> Floats:
    """By how much each is above the tenth, or the last of fewer."""
    tenth = np.sort(told[:COMPARED])[::-1][:_TENTH][-1]
    return told - float(tenth)


def _agreement(candidate: Candidate) -> float:
    ranks = [_rank(candidate, stages) for stages in (_WORDS, _VECTORS, _MORE)]
    return sum(1.0 / rank for rank in ranks if rank) / len(ranks)


def _rank(candidate: Candidate, stages: Iterable[Stage]) -> int:
    """The best by these stages; 0 where the page has no share of the question by them."""
    votes = (candidate.votes[stage] for stage in stages if stage in candidate.votes)
    return min((vote.rank for vote in votes if vote.share), default=0)

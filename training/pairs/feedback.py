"""Queries out of what people have said of searches, and done with what these found."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from training.pairs.propensity import Impression, Propensities, propensities
from training.pairs.sources import FEEDBACK, SourceQuery
from vdr.catalogue.searches import Judged
from vdr.feedback import Feedback, FeedbackKind, KeptSearch
from vdr.opinions import Asked, Opinion, Vote, asked_alike, opinions
from vdr.types import PageRef

JUDGED, CLICKS = "judged", "clicks"  # rules: what the right pages of a query are known by
_JUDGEMENTS = (FeedbackKind.RIGHT, FeedbackKind.WRONG, FeedbackKind.EXPECTED)
# Two of three agree; below that nobody knows.
_AGREED = 1 / 3
# Who stays so long with a page has found something there (Fox et al., Evaluating Implicit Measures to Improve
# Web Search, 2005).
_SATISFIED_MS = 30_000
# A page is right if those who saw it mostly stayed or copied from it, one look of an average page added.
_RIGHT, _AVERAGE, _AVERAGE_LOOKS = 0.5, 0.1, 1.0


@dataclass
class FeedbackUse:
    """What was made of feedback: queries, what was dropped and why, and what ranks are worth."""

    queries: list[SourceQuery] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    searches: int = 0
    propensities: Propensities = field(default_factory=lambda: Propensities({}, 0))


@dataclass
class _Page:
    """A page as it was shown for a question: how often it was seen, by propensity, and what came of it."""

    looks: float = 0.0
    satisfied: float = 0.0
    is_opened: bool = False
    is_passed_over: bool = False
    traces: list[str] = field(default_factory=list)

    @property
    def relevance(self) -> float:
        """The share of those who saw it that it satisfied: clicks over propensities, with a prior.

        The position-based model expects theta * gamma clicks of each impression, so that clicks divided by
        the sum of theta are gamma, whatever the ranks (inverse propensities: Joachims et al., WSDM 2017).
        """
        return (self.satisfied + _AVERAGE * _AVERAGE_LOOKS) / (self.looks + _AVERAGE_LOOKS)


def feedback_queries(
    judged: Iterable[Judged], names: Mapping[str, str], weights: Mapping[str, float]
) -> FeedbackUse:
    """Queries with the pages that answer them by feedback, and those that were passed over.

    `judged` are all searches that are kept, `names` what the documents there are are called in the data set.
    Of judgements the majority counts, by the weights of who gives them; they go before what was opened. Pages
    that searches have shown above one that was right, and that nobody opened, are negatives, and so are those
    that people call wrong.
    """
    sessions = [each for each in judged if each[0].text]
    use = FeedbackUse(searches=len(sessions))
    use.propensities = propensities(_impressions(sessions))
    said = opinions(_votes(sessions), weights)
    seen = _seen(sessions, said, use.propensities, weights)
    thought = defaultdict[str, dict[PageRef, Opinion]](dict)
    for (question, page), opinion in said.items():
        thought[question][page] = opinion
    texts = {asked_alike(search.text): search.text for search, _ in sessions}  # as it was asked last
    for question, text in texts.items():
        known = _Known(thought[question], seen[question])
        use.dropped += known.dropped()
        use.queries += known.queries(text, names)
    use.dropped = +use.dropped
    return use


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a question: what is thought of pages, and what was done with those that were shown."""

    said: Mapping[PageRef, Opinion]
    seen: Mapping[PageRef, _Page]

    def queries(self, text: str, names: Mapping[str, str]) -> Iterator[SourceQuery]:
        """A query for each document that answers it, if any does."""
        judged = self._agreed(1.0)
        right = judged or self._satisfying()
        wrong = [page for page in (*self._agreed(-1.0), *self._passed_over()) if page not in right]
        negatives = tuple(
            (names[page.document_id], page.page_number) for page in wrong if _is_in(page, names)
        )
        by_document: defaultdict[str, list[PageRef]] = defaultdict(list)
        for page in sorted(page for page in right if _is_in(page, names)):
            by_document[page.document_id].append(page)
        for document_id, pages in by_document.items():
            numbers = tuple(page.page_number for page in pages)
            traces = tuple(dict.fromkeys(trace for page in pages for trace in right[page]))
            rule = JUDGED if judged else CLICKS
            yield SourceQuery(text, names[document_id], numbers, FEEDBACK, rule, traces, negatives)

    def dropped(self) -> Counter[str]:
        """What makes no pair, and why."""
        disputed = sum(abs(opinion.score) < _AGREED for opinion in self.said.values())
        is_answered = self._agreed(1.0) or self._satisfying()
        is_told = self.said or any(page.traces for page in self.seen.values())
        return Counter(
            {
                "feedback: pages that people disagree on": disputed,
                "feedback: questions without a page that is known to be right": bool(is_told)
                and not is_answered,
            }
        )

    def _agreed(self, sign: float) -> dict[PageRef, list[str]]:
        """The pages that most call right (1), or wrong (-1), with what says so."""
        return {
            page: [f"feedback:{each}" for each in opinion.feedback_ids]
            for page, opinion in self.said.items()
            if sign * opinion.score >= _AGREED
        }

    def _satisfying(self) -> dict[PageRef, list[str]]:
        """The pages that most who saw them stayed with, of those that nobody has judged."""
        return {
            page: each.traces
            for page, each in self.seen.items()
            if page not in self.said and each.satisfied and each.relevance >= _RIGHT
        }

    def _passed_over(self) -> Iterator[PageRef]:
        """The pages that were seen, and that nobody has opened or judged."""
        for page, each in self.seen.items():
            if page not in self.said and each.is_passed_over and not each.is_opened:
                yield page


def _is_in(page: PageRef, names: Mapping[str, str]) -> bool:
    return page.document_id in names


def _votes(sessions: Sequence[Judged]) -> Iterator[Vote]:
    for search, told in sessions:
        for each in told:
            if each.kind in _JUDGEMENTS and each.page is not None:
                yield Vote(each.who, each.kind, search.text, each.page, each.feedback_id)


def _impressions(sessions: Sequence[Judged]) -> Iterator[Impression]:
    """What was shown, in searches of which anything was opened: of others nobody knows who looked."""
    for search, told in sessions:
        opened = {each.page for each in told if each.kind is FeedbackKind.OPENED}
        if opened:
            question = asked_alike(search.text)
            for hit in search.hits:
                yield Impression((question, hit.page), hit.rank, hit.page in opened)


def _seen(
    sessions: Sequence[Judged],
    said: Mapping[Asked, Opinion],
    ranks: Propensities,
    weights: Mapping[str, float],
) -> defaultdict[str, dict[PageRef, _Page]]:
    """What was shown for each question, and what people did with it."""
    found: defaultdict[str, dict[PageRef, _Page]] = defaultdict(dict)
    for search, told in sessions:
        question = asked_alike(search.text)
        pages = found[question]
        by_page = _acts(told, weights)
        right = {each.page for each in told if each.kind is FeedbackKind.RIGHT}
        right = {page for page in right if page and _is_right(said.get((question, page)))}
        lowest = _lowest(search, right | {page for page, (_, count) in by_page.items() if count})
        for hit in search.hits:
            page = pages.setdefault(hit.page, _Page())
            acts, satisfied = by_page.get(hit.page, ([], 0.0))
            if by_page:  # else nobody knows whether anybody looked
                page.looks += ranks.of(hit.rank)
            page.satisfied += satisfied
            page.is_opened = page.is_opened or bool(acts)
            page.traces += [f"feedback:{each.feedback_id}" for each in acts]
            page.is_passed_over = page.is_passed_over or (hit.rank < lowest and not acts)
    return found


def _acts(
    told: Sequence[Feedback], weights: Mapping[str, float]
) -> dict[PageRef, tuple[list[Feedback], float]]:
    """What was done with each page of a search, and how much it counts that somebody was satisfied by it."""
    done: defaultdict[PageRef, list[Feedback]] = defaultdict(list)
    for each in told:
        if each.page is not None and each.kind not in _JUDGEMENTS and weights.get(each.who, 1.0) > 0:
            done[each.page].append(each)
    return {
        page: (acts, max((weights.get(each.who, 1.0) for each in acts if _is_satisfied(each)), default=0.0))
        for page, acts in done.items()
    }


def _is_satisfied(act: Feedback) -> bool:
    is_long = act.kind is FeedbackKind.DWELT and (act.dwelt_ms or 0) >= _SATISFIED_MS
    return is_long or act.kind is FeedbackKind.COPIED


def _lowest(search: KeptSearch, right: Set[PageRef | None]) -> int:
    """The lowest rank at which a search has shown a page that was right, else 0.

    Who got there has seen those above (Joachims et al., Accurately Interpreting Clickthrough Data as Implicit
    Feedback, SIGIR 2005).
    """
    return max((hit.rank for hit in search.hits if hit.page in right), default=0)


def _is_right(opinion: Opinion | None) -> bool:
    return opinion is not None and opinion.score >= _AGREED

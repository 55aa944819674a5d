"""Says in plain words what a training changed, as plainly where it changed nothing."""

from enum import StrEnum

from training.fit.result import Score, ScoreGain
from training.report.facts import OVER_EMBEDDER, RERANKED, RERANKER, Gain

# Percentile intervals of so few questions are too narrow to go by (Efron and Tibshirani, 1993, chapter 14).
FEW_QUESTIONS = 30


class Verdict(StrEnum):
    """What the interval of a change shows."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    OPEN = "open"


_TRAINING = {
    Verdict.BETTER: "Training improved it.",
    Verdict.WORSE: "Training made it worse.",
    Verdict.SAME: "Training changed nothing.",
    Verdict.OPEN: "No gain is shown.",
}
_OVER_EMBEDDER = {
    Verdict.BETTER: "Reranking with it beats the embedder alone.",
    Verdict.WORSE: "Reranking with it is worse than the embedder alone.",
    Verdict.SAME: "Reranking with it changes nothing over the embedder alone.",
    Verdict.OPEN: "It is not shown to beat the embedder alone.",
}


def verdict(change: ScoreGain) -> Verdict:
    """What can be said of a change: better or worse only if the whole interval is."""
    if change.low > 0:
        return Verdict.BETTER
    if change.high < 0:
        return Verdict.WORSE
    return Verdict.SAME if change.low == change.high == 0 else Verdict.OPEN


def headline(gain: Gain) -> str:
    """The verdict over all pages, in a sentence."""
    return (_OVER_EMBEDDER if gain.key == OVER_EMBEDDER else _TRAINING)[verdict(gain.change.corpus)]


def measured(before: Score, after: Score, change: ScoreGain) -> str:
    """The numbers behind a verdict: before and after, the error, the resamples, the interval."""
    told = f"{before.mean:.3f} → {after.mean:.3f}, {error(change.error_removed)}; "
    told += f"better on {percent(change.share_above_zero)} of resamples. "
    told += f"The change is {signed(change.mean)}, its 95 % interval {interval(change)}"
    if verdict(change) is Verdict.OPEN:
        told += ", which contains zero: this may be chance"
    return told + "."


def name_of(gain: Gain, kind: str) -> str:
    """What the trained model is compared with, for a row of a table."""
    if gain.dims is not None:
        return f"Base, {gain.dims:,} dimensions"
    if gain.key == OVER_EMBEDDER:
        return "The embedder alone"
    return "Reranked by the base" if kind == RERANKER or gain.key == RERANKED else "Base"


def error(removed: float) -> str:
    """Which way the error 1 - nDCG@10 went, and by what share of it."""
    if round(100 * removed) == 0:
        return "error unchanged"
    return f"error {'down' if removed > 0 else 'up'} {percent(abs(removed))}"


def interval(change: ScoreGain) -> str:
    """The interval of a change."""
    return f"{signed(change.low)} to {signed(change.high)}"


def percent(share: float) -> str:
    """A share in percent; 100 only if it is all, 0 only if it is nothing."""
    whole = round(100 * share)
    if whole in (0, 100) and 100 * share != whole:
        return f"{100 * share:.2f} %"
    return f"{whole} %"


def signed(value: float) -> str:
    """A difference with its sign; zero has none."""
    told = f"{value:+.3f}".replace("-", "−")
    return "0.000" if told[1:] == "0.000" else told


def places(before: int | None, after: int | None, shown: int) -> str:
    """Where a page stood and stands in rankings of which only the first few were kept."""
    if before is None and after is None:
        return f"below rank {shown}"
    return f"rank {_place(before, shown)} → {_place(after, shown)}"


def _place(rank: int | None, shown: int) -> str:
    return f"below {shown}" if rank is None else str(rank)

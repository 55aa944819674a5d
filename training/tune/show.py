"""A tuning for people, as a table narrow enough for a terminal of 110 columns, and for programs, as JSON."""

import math
from collections.abc import Iterator

from rich.table import Table

from training.evaluate.bootstrap import Estimate
from training.tune.choice import LARGEST_LOSS
from training.tune.sizes import Bytes
from training.tune.tuning import Row, Tuning

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_DIGITS = 4
_AS_GOOD = f"(less than {LARGEST_LOSS} below it, and not significantly)"


def table_of(tuning: Tuning) -> Table:
    """A row for each plan, quickest first; those on the front are marked."""
    unit, divisor = _unit_of(max(row.needs.disk for row in tuning.rows))
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    table.add_column("", justify="right")
    for heading in ("", "pages", "reranking", "without"):
        table.add_column(heading, overflow="fold")
    for heading in ("nDCG@10", "95 %", "- now", "95 %", "p50", "p95", "memory", unit):
        table.add_column(heading, justify="right", no_wrap=True)
    for place in sorted(range(len(tuning.rows)), key=lambda n: tuning.rows[n].latency.p50):
        mark = "*" if place in tuning.front else ""
        cells = _cells(tuning.rows[place], divisor)
        table.add_row(f"{place + 1}", f"{mark}{role_of(tuning, place)}", *cells)
    return table


def role_of(tuning: Tuning, place: int) -> str:
    """What a plan is, apart from being tried."""
    roles = ((" now", tuning.served), (" best", tuning.recommended))
    return "".join(role for role, its in roles if its == place)


def said_of(tuning: Tuning) -> Iterator[str]:
    """What the table cannot say: how its figures come about, and what is recommended."""
    pages, sampled = tuning.sizes.pages, tuning.sizes.sampled
    yield ""
    chosen, reported = tuning.chosen_on, tuning.reported_on
    yield f"best: recommended, as chosen on {chosen} questions. Quality and times are measured on {reported}"
    yield "others, all plans in turn; p50, p95: ms of whole searches, once the question is embedded."
    yield "*: the front, where no other plan is both better and quicker. pages: candidates of each stage."
    yield f"memory, disk: of the vectors that it needs, computed for {pages:,} pages from the words and"
    yield f"regions of {sampled:,}; models are not counted, and what a plan leaves out stays in the index."
    yield ""
    yield from _recommendation(tuning)


def to_json(tuning: Tuning) -> dict[str, object]:
    """Everything, by name."""
    return {
        "questions": {"chosen_on": tuning.chosen_on, "reported_on": tuning.reported_on},
        "pages": tuning.sizes.pages,
        "is_confirmed": tuning.is_confirmed,
        "plans": [_told(tuning, place) for place in range(len(tuning.rows))],
    }


def _unit_of(count: float) -> tuple[str, int]:
    """The unit that suits a number of bytes, and how many of them it is."""
    power = min(int(math.log(max(count, 1), 1024)), len(_UNITS) - 1)
    return _UNITS[power], 1024**power


def _cells(row: Row, divisor: int) -> Iterator[str]:
    shape = row.shape
    yield f"{shape.candidates}"
    yield "\n".join(map(str, shape.rerank)) or "none"
    yield "\n".join(shape.without)
    for estimate, sign in ((row.quality, ""), (row.gain, "+")):
        yield f"{estimate.mean:{sign}.3f}"
        yield f"{estimate.low:{sign}.3f} {estimate.high:{sign}.3f}"
    yield f"{row.latency.p50:.0f}"
    yield f"{row.latency.p95:.0f}"
    yield f"{row.needs.memory / divisor:.1f}"
    yield f"{row.needs.disk / divisor:.1f}"


def _recommendation(tuning: Tuning) -> Iterator[str]:
    row, served = tuning.rows[tuning.recommended], tuning.rows[tuning.served]
    if not tuning.is_confirmed:
        yield "The plan that was chosen is significantly worse on the other questions. Recommended: what is"
        yield f"served now ({row.shape})."
    elif tuning.recommended == tuning.served:
        yield f"Recommended: what is served now ({row.shape})."
        yield f"None that is as good as the best {_AS_GOOD} is surely quicker."
    else:
        yield f"Recommended: {row.shape}."
        gain = f"{row.gain.mean:+.3f} ({row.gain.low:+.3f} to {row.gain.high:+.3f})"
        yield f"nDCG@10 {gain}, {row.latency.p50:.0f} ms instead of {served.latency.p50:.0f}."
        yield f"It is the quickest that is as good as the best {_AS_GOOD}."


def _told(tuning: Tuning, place: int) -> dict[str, object]:
    row = tuning.rows[place]
    return {
        **row.shape.model_dump(mode="json"),
        "ndcg@10": _estimate(row.quality),
        "over_served": _estimate(row.gain),
        "p50_ms": round(row.latency.p50, 2),
        "p95_ms": round(row.latency.p95, 2),
        **_bytes(row.needs),
        "is_on_front": place in tuning.front,
        "is_served": place == tuning.served,
        "is_recommended": place == tuning.recommended,
    }


def _estimate(each: Estimate) -> dict[str, float]:
    told = {"mean": each.mean, "low": each.low, "high": each.high}
    return {name: round(value, _DIGITS) for name, value in told.items()}


def _bytes(needs: Bytes) -> dict[str, int]:
    return {"memory_bytes": round(needs.memory), "disk_bytes": round(needs.disk)}

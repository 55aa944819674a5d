"""Windows: the stretches of a page that fit a question best, for models that read."""

from collections.abc import Iterable, Mapping

from vdr.search.choice import Held, rarities
from vdr.search.passages import Passages, passages_of
from vdr.search.sought import Sought
from vdr.search.source import Source, held_in

# A window has to fit into what such models read at once, 512 tokens as a rule, question and all; of tables
# every figure takes several.
_LONGEST = 160  # words
_MOST = 3


def windows_of(source: Source, sought: Sought) -> tuple[str, ...]:
    """The best windows of a page, best first: whole passages with most of what is sought, rare words first.

    They have nothing in common. Of a page that has nothing of it, its beginning; none of one without words.
    """
    passages = passages_of(source.page)
    if not len(passages):
        return ()
    held = held_in(passages, source.found, sought)
    weights = rarities(len(passages), held, sought)
    windows = {_window(passages, start): None for start in sorted(held) or [0]}
    chosen: list[range] = []
    for window in sorted(windows, key=lambda each: (-_worth(each, held, weights), each.start)):
        if len(chosen) < _MOST and all(_are_apart(window, other) for other in chosen):
            chosen.append(window)
    bounds = passages.bounds
    return tuple(" ".join(passages.texts[bounds[each.start] : bounds[each.stop]]) for each in chosen)


def _window(passages: Passages, start: int) -> range:
    """The passages from this one on that there is room for, and those before it at the end of a page."""
    stop = start + 1
    while stop < len(passages) and passages.bounds[stop + 1] - passages.bounds[start] <= _LONGEST:
        stop += 1
    while stop == len(passages) and start and passages.bounds[stop] - passages.bounds[start - 1] <= _LONGEST:
        start -= 1
    return range(start, stop)


def _worth(window: Iterable[int], held: Held, weights: Mapping[str, float]) -> float:
    """How much of the question a window has, each word once."""
    best: dict[str, float] = {}
    for passage in window:
        for word, share in held.get(passage, {}).items():
            best[word] = max(share, best.get(word, 0.0))
    return sum(weights[word] * share for word, share in best.items())


def _are_apart(one: range, other: range) -> bool:
    return one.start >= other.stop or one.stop <= other.start

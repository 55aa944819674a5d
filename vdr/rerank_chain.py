"""The chain of rerankers that VDR_RERANKER names: one or several, cheapest first, each with its depth."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vdr.addresses import without_credentials
from vdr.errors import BadSetting

LATE_INTERACTION = "late-interaction"  # that of the vectors in the index
_DEPTH = re.compile(r"@([0-9]{1,9})$")


@dataclass(frozen=True, slots=True)
class RerankStep:
    """A reranker and its depth: how many of the best pages it reorders; None: as many as the step before."""

    name: str
    depth: int | None = None

    def __str__(self) -> str:
        name = without_credentials(self.name)
        return name if self.depth is None else f"{name}@{self.depth}"


def parse_chain(chain: str) -> tuple[RerankStep, ...]:
    """The steps of a chain, separated by commas, such as `late-interaction@50,models/text-ce@20`.

    Raises BadSetting for an empty element, a depth of 0, a name that comes twice, late interaction after
    another step, and depths that grow.
    """
    steps = tuple(_step(element.strip()) for element in chain.split(","))
    names = [without_credentials(step.name) for step in steps]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise BadSetting(f"VDR_RERANKER names {name} twice.", remedy="Name each reranker once.")
    if LATE_INTERACTION in names[1:]:
        raise BadSetting(
            f"VDR_RERANKER has {LATE_INTERACTION} after {names[0]}.",
            remedy=f"Put {LATE_INTERACTION} first: it adds to the scores that the other rerankers replace.",
        )
    # VDR_RERANK_CANDIDATES is not known here: deep enough for all that follow, whatever it is.
    check_depths(steps, max((step.depth for step in steps if step.depth is not None), default=1))
    return steps


def check_depths(steps: Sequence[RerankStep], first: int) -> None:
    """Raises BadSetting if a depth is greater than the one before it; see `depths`."""
    known = depths([step.depth for step in steps], first)
    for step, before, own in zip(steps[1:], known, known[1:], strict=False):
        if own > before:
            name = without_credentials(step.name)
            raise BadSetting(
                f"VDR_RERANKER: {name} has depth {own}, the step before it {before}.",
                remedy=f"Depths may not grow along the chain: set {name}@{before} or less, or a greater "
                "depth before it (VDR_RERANK_CANDIDATES is that of a first step without one).",
            )


def depths(own: Iterable[int | None], first: int) -> list[int]:
    """The depth of each step: its own, or else that of the step before, or `first` where none has been set.

    >>> depths([None, 20, None], 50)
    [50, 20, 20]
    """
    found, last = [], first
    for depth in own:
        last = last if depth is None else depth
        found.append(last)
    return found


def _step(element: str) -> RerankStep:
    depth = _DEPTH.search(element)
    name = _DEPTH.sub("", element).rstrip()
    if not name:
        raise BadSetting(
            "VDR_RERANKER has an empty element.",
            remedy="Name a reranker on each side of a comma, as in late-interaction@50,models/text-ce@20.",
        )
    if depth is not None and int(depth[1]) == 0:
        raise BadSetting(
            f"VDR_RERANKER: {without_credentials(name)} has depth 0.",
            remedy="Set a depth of 1 or more, or leave it out; VDR_RERANK_CANDIDATES=0 skips all reranking.",
        )
    return RerankStep(name, None if depth is None else int(depth[1]))

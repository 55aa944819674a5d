"""Splits documents into train and eval: by a hash of the name, so that more documents move few of them."""

import hashlib
from collections.abc import Collection

from vdr.errors import BadInput

TRAIN, EVAL = "train", "eval"


def eval_documents(
    asked_about: Collection[str], others: Collection[str], share: float, seed: int
) -> set[str]:
    """The documents that go to eval: this share of those with queries, at least one, and of the others.

    Raises BadInput where there are queries about fewer than two documents.
    """
    if len(asked_about) < 2:
        raise BadInput(
            f"The queries cover {len(asked_about)} document(s); train and eval need at least one each.",
            remedy="Add documents, or questions about more documents.",
        )
    wanted = min(max(1, round(share * len(asked_about))), len(asked_about) - 1)
    return {*_first(asked_about, wanted, seed), *_first(others, round(share * len(others)), seed)}


def _first(documents: Collection[str], count: int, seed: int) -> list[str]:
    return sorted(documents, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())[:count]

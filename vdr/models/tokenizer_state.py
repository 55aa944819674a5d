"""Keeps threads apart where they share a tokenizer: how it cuts and pads is a state, which each call sets."""

import copy
from threading import Lock
from typing import Any


def own_tokenizer(model: Any) -> Any:  # noqa: ANN401 - either of two kinds of model
    """A copy of a model's tokenizer, to count words with while other threads embed.

    Embedding failed when it shared one.
    """
    return copy.deepcopy(model.tokenizer)


def prepare_one_at_a_time(model: Any) -> None:  # noqa: ANN401 - as above
    """Let one thread at a time prepare inputs for a model; it embeds what is prepared for several at once.

    Where queries and pages are cut and padded in different ways, each otherwise now and then had the other's.
    """
    prepare, lock = model.preprocess, Lock()

    def prepare_alone(*inputs: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the model takes
        with lock:
            return prepare(*inputs, **options)

    model.preprocess = prepare_alone

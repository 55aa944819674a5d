"""Spans: named stretches of work, told to whoever listens. Where nobody does they cost next to nothing.

Who listens is noted in the context of the request at hand, which threads that work for it get a copy of. So
two services in one process do not hear each other, and this room knows nothing of metrics and traces.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

# Whatever is entered when a span of a name begins, and left when it ends, be it by an exception.
Listener = Callable[[str], AbstractContextManager[object]]

_NOBODY = nullcontext()
_listening: ContextVar[tuple[Listener, ...]] = ContextVar("vdr_listening", default=())
P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def heard_by(*listeners: Listener) -> Iterator[None]:
    """Has these hear of the spans inside the block, beside those that do already."""
    token = _listening.set((*_listening.get(), *listeners))
    try:
        yield
    finally:
        _listening.reset(token)


def span(name: str) -> AbstractContextManager[object]:
    """The span that is what is done in the `with` block. Names are few: they become labels of metrics."""
    listening = _listening.get()
    if not listening:
        return _NOBODY
    return listening[0](name) if len(listening) == 1 else _all_of(listening, name)


def spanned(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Makes each call of a function a span."""

    def with_span(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with span(name):
                return function(*args, **kwargs)

        return call

    return with_span


@contextmanager
def _all_of(listening: tuple[Listener, ...], name: str) -> Iterator[None]:
    with ExitStack() as begun:
        for listener in listening:
            begun.enter_context(listener(name))
        yield

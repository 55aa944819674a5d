"""Spans are told to whoever listens in this context, and to nobody else."""

from contextlib import contextmanager

import anyio
import pytest

from vdr.spans import heard_by, span, spanned


class Ear:
    """Notes where spans begin and end."""

    def __init__(self):
        self.heard = []

    @contextmanager
    def __call__(self, name):
        self.heard.append(f"{name} begins")
        try:
            yield
        finally:
            self.heard.append(f"{name} ends")


def test_spans_within_each_other():
    ear = Ear()
    with heard_by(ear), span("search"), span("index"):
        pass
    assert ear.heard == ["search begins", "index begins", "index ends", "search ends"]


def test_nobody_hears_what_is_outside_of_the_block():
    ear = Ear()
    with heard_by(ear):
        pass
    with span("search"):
        pass
    assert ear.heard == []


def test_several_hear_the_same():
    ears = [Ear(), Ear(), Ear()]
    with heard_by(*ears[:2]), heard_by(ears[2]), span("search"):
        pass
    assert [ear.heard for ear in ears] == [["search begins", "search ends"]] * 3


def test_an_exception_ends_a_span_and_goes_on():
    ear = Ear()
    with heard_by(ear, Ear()), pytest.raises(ZeroDivisionError), span("search"):
        raise ZeroDivisionError
    assert ear.heard == ["search begins", "search ends"]


def test_each_call_of_a_function_is_one():
    @spanned("add")
    def add(one, other=1):
        """Adds."""
        return one + other

    ear = Ear()
    with heard_by(ear):
        assert add(2, other=3) == 5
    assert ear.heard == ["add begins", "add ends"]
    assert add.__doc__ == "Adds."


def test_threads_that_work_for_a_request_are_heard_with_it():
    ear = Ear()

    def work():
        with span("index"):
            pass

    async def main():
        with heard_by(ear):
            await anyio.to_thread.run_sync(work)

    anyio.run(main)
    assert ear.heard == ["index begins", "index ends"]

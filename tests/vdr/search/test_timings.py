"""The stopwatch of a search."""

from time import sleep

from vdr.search.timings import Timings


def test_parts_add_up_by_name_and_the_total_runs_from_the_start() -> None:
    timings = Timings()
    for _ in range(2):
        with timings.part("index"):
            sleep(0.002)
    sleep(0.002)
    told = timings.in_ms()
    assert list(told) == ["index", "total"]
    assert told["index"] >= 4
    assert told["total"] >= told["index"] + 2

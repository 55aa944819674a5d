"""Killed at any moment and run again, indexing ends with exactly the index it would have made in peace."""

import pytest

from benchmarks.crash import crash, made_up

pytestmark = pytest.mark.slow


def test_killed_at_random_moments_nothing_is_lost(tmp_path, monkeypatch):
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    report = crash(made_up(tmp_path / "pdfs", 5), tmp_path, kills=4, seed=1, is_tiny=True)
    assert report.kills >= 3
    assert (report.equal, report.lost, report.different, report.extra) == (True, 0, 0, 0)
    assert report.pages == 60

import platform
import subprocess
import sys

import pytest

from vdr.models.arenas import bound_arenas

_ARENAS_OF_THREADS = """
import ctypes, threading
from vdr.models.arenas import bound_arenas
bound_arenas()
held = threading.Barrier(17)
def work():
    block = bytearray(1_000)
    held.wait()
    held.wait()
threads = [threading.Thread(target=work) for _ in range(16)]
[thread.start() for thread in threads]
held.wait()
ctypes.CDLL(None).malloc_stats()
held.wait()
"""


def test_elsewhere_it_does_nothing(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert bound_arenas() is False


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc_stats is the GNU library's")
def test_many_threads_share_few_pools():
    told = subprocess.run(
        [sys.executable, "-c", _ARENAS_OF_THREADS], capture_output=True, text=True, check=True
    )
    assert 1 <= told.stderr.count("Arena ") <= 4

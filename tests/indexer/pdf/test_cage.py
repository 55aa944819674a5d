"""A program in the cage has what it needs, no more, and is gone afterwards with all that it started."""

import errno
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import indexer.pdf.cage
from indexer.pdf.cage import Overrun, _can_isolate, cage
from indexer.pdf.prepare import prepare_pages
from tests.fixtures import pdfs
from tests.fixtures.hanging import is_gone, write_program
from vdr.errors import MissingProgram, StorageFull
from vdr.settings import IngestSettings

MEBIBYTE = 2**20
PATIENCE_S = 30


def run(code, *, cpu_s=PATIENCE_S, given=b"", **settings):
    """What Python code that runs in a cage prints and how it ends."""
    chosen = IngestSettings(**{"program_memory_bytes": 512 * MEBIBYTE, **settings})
    with (
        cage(chosen, cpu_s) as caged,
        caged.start([sys.executable, "-c", code], program=sys.executable) as process,
    ):
        out, _ = process.communicate(given, timeout=PATIENCE_S)
        return process.returncode, out.decode()


def test_memory_is_bounded():
    status, out = run(f"try:\n    bytearray({1024 * MEBIBYTE})\nexcept MemoryError:\n    print('full')")
    assert (status, out) == (0, "full\n")
    assert run(f"bytearray({64 * MEBIBYTE})")[0] == 0


def test_processor_time_is_bounded():
    assert run("while True: pass", cpu_s=0.5)[0] != 0


def test_files_are_bounded():
    code = "open('x', 'wb').write(bytes(4096)); print(open('x', 'ab').write(bytes(1 << 20)))"
    status, out = run(code, max_file_bytes=10_000)
    assert status != 0 and out == ""


def test_its_folder_is_its_home_and_is_gone_afterwards():
    _, out = run("import os, tempfile; print(os.getcwd(), os.environ['HOME'], tempfile.mkdtemp())")
    here, home, temporary = out.split()
    assert here == home and temporary.startswith(home)
    assert not Path(home).exists()


def test_nothing_of_the_environment_is_seen(monkeypatch):
    monkeypatch.setenv("VDR_SECRET", "whisper")
    assert "whisper" not in run("import os; print(os.environ)")[1]


def test_where_tesseract_has_its_languages_is_seen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TESSDATA_PREFIX", "data of ours")
    assert run("import os; print(os.environ['TESSDATA_PREFIX'])")[1] == f"{tmp_path}/data of ours\n"


@pytest.mark.skipif(not _can_isolate(), reason="no network namespaces for ordinary users here")
def test_there_is_no_network():
    connect = "socket.create_connection(('127.0.0.1', 9), 1)"
    code = f"import socket\ntry: {connect}\nexcept OSError as error: print(error.errno)"
    assert int(run(code)[1]) == errno.ENETUNREACH


def test_an_overrun_ends_it_and_what_it_started(tmp_path):
    note = tmp_path / "child"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep({PATIENCE_S})'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\ntime.sleep({PATIENCE_S})"
    )
    with cage(IngestSettings(), PATIENCE_S) as caged, pytest.raises(Overrun, match="longer than 2 s"):
        caged.run([sys.executable, "-c", code], 2, program=sys.executable)
    assert is_gone(note)


def test_what_a_program_prints_is_read_and_cut_off(tmp_path):
    with cage(IngestSettings(max_file_bytes=5_000), PATIENCE_S) as caged:
        assert caged.read(["echo", "some words"], PATIENCE_S) == (0, b"some words\n")
        status, printed = caged.read(["yes"], PATIENCE_S)
    assert status != 0 and 0 < len(printed) <= 10_000


def test_what_is_given_is_its_standard_input(tmp_path):
    assert run("import sys; print(sys.stdin.read()[::-1])", given=b"abc")[1] == "cba\n"


def test_many_threads_use_cages_at_once():
    def use(_):
        with cage(IngestSettings(), PATIENCE_S) as caged:
            return caged.run(["true"], PATIENCE_S)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(use, range(200))) == {0}


def test_a_launcher_that_was_tidied_away_is_made_again():
    with cage(IngestSettings(), PATIENCE_S) as caged:
        assert caged.run(["true"], PATIENCE_S) == 0
    indexer.pdf.cage._new_launcher().unlink()
    with cage(IngestSettings(), PATIENCE_S) as caged:
        assert caged.run(["true"], PATIENCE_S) == 0


def test_a_program_that_is_not_there_is_said():
    with cage(IngestSettings(), PATIENCE_S) as caged, pytest.raises(MissingProgram, match="no-such-program"):
        caged.start(["no-such-program"])


def test_a_page_too_much_for_the_memory_costs_itself_alone(tmp_path):
    report = pdfs.write_report(tmp_path / "a.pdf", 2)
    enough = prepare_pages(report, range(1, 3), IngestSettings(page_long_side=256))
    assert len(enough.pages) == 2
    scarce = prepare_pages(
        report, range(1, 3), IngestSettings(page_long_side=8_192, program_memory_bytes=100 * MEBIBYTE)
    )
    assert [error.page_number for error in scarce.errors] == [1, 2]
    assert list(tmp_path.iterdir()) == [report]


def test_what_nobody_reads_is_not_gathered():
    with cage(IngestSettings(), PATIENCE_S) as caged:
        assert caged.run(["sh", "-c", "test -p /proc/self/fd/1"], PATIENCE_S) == 1  # no pipe to a reader


def test_a_full_disk_is_no_fault_of_the_page(tmp_path, monkeypatch):
    report = pdfs.write_report(tmp_path / "a.pdf", 1)

    def full(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("indexer.pdf.cage.TemporaryDirectory", full)
    with pytest.raises(StorageFull):
        prepare_pages(report, range(1, 2), IngestSettings(page_long_side=256))


def test_a_page_that_ends_pdftotext_costs_the_others_no_words(tmp_path, monkeypatch):
    report = pdfs.write_report(tmp_path / "a.pdf", 3)
    real = shutil.which("pdftotext")
    # Page 2 brings it down, after page 1 was written.
    write_program(
        tmp_path / "pdftotext",
        f'case "$*" in *"-f 2 -l 2"*) kill -SEGV $$;; *"-f 1 -l 3"*) {real} -bbox -cropbox -q -enc UTF-8 '
        f'-f 1 -l 1 "{report}" -; kill -SEGV $$;; *) exec {real} "$@";; esac',
    )
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    made = prepare_pages(report, range(1, 4), IngestSettings(page_long_side=256))
    assert [len(page.text_layer) > 0 for page in made.pages] == [True, False, True]

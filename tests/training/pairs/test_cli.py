"""`vdr pairs` builds, mines, shows and exports, and says in one line what is wrong."""

import pytest
from typer.testing import CliRunner

from tests.fixtures.embedder import TinyEmbedder
from tests.training.pairs.parts import write_filing, write_small
from training.pairs.cli import pairs, run_mine
from training.pairs.dataset import read_pairs
from training.pairs.negatives import Demand
from vdr.errors import BadInput
from vdr.settings import ModelSettings


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("COLUMNS", "140")


@pytest.fixture
def pdfs(tmp_path):
    for name, topics in {"acme": ["steel", "copper"], "bolt": ["cotton", ""]}.items():
        write_filing(tmp_path / f"{name}.pdf", name.title(), topics)
    return tmp_path


def vdr(*arguments):
    return CliRunner().invoke(pairs, list(map(str, arguments)), catch_exceptions=False)


def test_build_writes_a_data_set_and_prints_what_is_in_it(pdfs):
    config = pdfs / "pairs.toml"
    config.write_text('[phrases]\nrules = ["heading", "caption"]\n')
    done = vdr("build", pdfs, "--out", pdfs / "out", "--config", config, "--page-long-side", 300)
    assert done.exit_code == 0
    built = read_pairs(pdfs / "out")
    assert max(built.pages[0]["image"].size) == 300
    assert "Read 4 pages of 2 PDFs." in done.output and "caption" in done.output
    assert "4 pages of 2 documents." in done.output.splitlines()[-1]


def test_build_says_what_was_dropped_and_warns(pdfs):
    (pdfs / "note.pdf").write_text("no PDF")
    lines = vdr("build", pdfs, "--out", pdfs / "out").output.splitlines()
    assert "dropped: 1 PDFs that cannot be read" in lines
    assert any(line.startswith("warning: note.pdf is not a PDF") for line in lines)


def test_build_takes_the_page_size_of_the_environment(pdfs):
    vdr("build", pdfs, "--out", pdfs / "out")
    assert max(read_pairs(pdfs / "out").pages[0]["image"].size) == 256


def test_build_with_nothing_to_build_from_is_refused(tmp_path):
    with pytest.raises(BadInput, match="queries cover 0 document"):
        vdr("build", "--out", tmp_path / "out")


def test_mine_writes_negatives_and_prints_how_many(small, capsys):
    run_mine(small, Demand(2), ModelSettings(), lambda _: TinyEmbedder())
    assert {len(ids) for ids in read_pairs(small).train["negative_ids"]} == {2}
    assert "negatives mined" in capsys.readouterr().out


def test_mine_looks_at_the_data_set_before_it_loads_a_model(tmp_path):
    def load(_):
        raise AssertionError("loaded")

    with pytest.raises(BadInput, match="is not a data set of pairs"):
        run_mine(tmp_path, Demand(2), ModelSettings(), load)


def test_mine_takes_the_embedder_that_it_is_told(tmp_path, monkeypatch):
    told = []

    def load(settings):
        told.append(settings.embedder)
        return TinyEmbedder()

    monkeypatch.setattr("vdr.models.embedder.load_embedder", load)
    folder = write_small(tmp_path / "small")
    assert vdr("mine", folder, "--embedder", "some/model", "--negatives", 1).exit_code == 0
    assert vdr("mine", folder, "--negatives", 3, "--same-document-share", 1).exit_code == 0
    assert told == ["some/model", "page-reader"]
    mining = read_pairs(folder).manifest.mining
    assert mining is not None and (mining.negatives, mining.same_document_share) == (3, 1)


def test_show_writes_a_sheet(small):
    out = small.parent / "sheet.html"
    assert vdr("show", small, "--out", out, "--count", 3).output.startswith("3 queries written to ")
    assert out.read_text(encoding="utf-8").count("<article>") == 3


def test_help_lists_the_commands():
    assert all(name in vdr("--help").output for name in ("build", "mine", "show"))


def test_export_writes_what_was_held_out(tmp_path):
    small = write_small(tmp_path / "small")
    done = vdr("export", small, "--out", tmp_path / "held-out")
    assert done.output.splitlines()[-1].endswith("held-out: 1 questions about 4 pages.")
    assert (tmp_path / "held-out" / "queries.jsonl").is_file()

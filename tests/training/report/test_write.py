import json
import re
import shutil
from pathlib import Path

import pytest

from tests.fixtures.checkpoints import tiny_bert
from training.fit.run_folder import RunFolder
from training.report.serving import how_to_use
from training.report.write import write_report
from vdr.errors import BadInput


@pytest.fixture(scope="module")
def html(finished, tmp_path_factory):
    return write_report(finished.root, tmp_path_factory.mktemp("out") / "report.html").read_text()


def copied(finished, folder, **changes):
    """A copy of a finished run with changes to its result."""
    shutil.copytree(finished.root, folder)
    result = json.loads((folder / "result.json").read_text())
    (folder / "result.json").write_text(json.dumps({**result, **changes}))
    return RunFolder(folder)


def test_it_tells_the_gain_and_every_system(html, finished):
    result = json.loads(finished.result.read_text())
    for system in ("base@1024", "tuned@1024", "base@64", "tuned@64", "bm25"):
        assert f"{result['systems'][system]['corpus']['ndcg@10']:.3f}" in html
    assert "Training improved it." in html
    assert "BM25 on the text layer" in html


def test_it_shows_curves_pages_and_speed(html):
    assert "<svg" in html
    assert "data:image/png;base64," in html
    assert html.count("data:image/webp;base64,") >= 3
    assert re.search(r"[\d.]+ ms</b>a question \(p50\)", html)


def test_it_says_what_the_model_makes_of_pages(html, finished, tmp_path):
    assert "Embedder that looks at images, fine-tuned from page-reader" in html
    run = copied(finished, tmp_path / "run", reads_words=True)
    assert "Embedder that reads words" in write_report(run.root, tmp_path / "report.html").read_text()


def test_a_model_that_reads_is_timed_by_words(finished, tmp_path):
    run = copied(finished, tmp_path / "run", reads_words=True)
    shutil.rmtree(run.model)
    tiny_bert(run.model)
    html = write_report(run.root, tmp_path / "report.html").read_text()
    assert re.search(r"[\d.]+</b>pages a second", html)
    assert "as their words" in html


def test_it_needs_nothing_from_elsewhere(html):
    loaded = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert loaded
    assert all(address.startswith("data:") for address in loaded)
    assert "<script" not in html


def test_it_says_how_the_model_is_served(html, finished):
    assert f"VDR_EMBEDDER={finished.root}/model" in html


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("embedder", "VDR_EMBEDDER="),
        ("reranker", "VDR_RERANKER="),
        ("late-interaction model", "VDR_EMBEDDER="),
    ],
)
def test_each_kind_is_served_in_its_own_way(tmp_path, kind, code):
    assert code in how_to_use(RunFolder(tmp_path), kind).code


def test_questions_are_shown_as_text(finished, tmp_path):
    run = copied(finished, tmp_path / "run")
    lines = [json.loads(line) for line in run.answers.read_text().splitlines()]
    lines[0] |= {
        "query": "<script>alert(1)</script>",
        "base": {"ndcg@10": 0.0, "found": lines[0]["expected"]},
    }
    run.answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    html = write_report(run.root, tmp_path / "report.html").read_text()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html


@pytest.mark.parametrize(
    ("kind", "systems", "gain", "unlike"),
    [
        ("reranker", ("embedder", "base+rerank", "tuned+rerank"), "over base", "How fast"),
        ("late-interaction model", ("base", "tuned"), "over base", "How fast"),
    ],
)
def test_other_kinds_have_no_dimensions_and_no_speed(finished, tmp_path, kind, systems, gain, unlike):
    told = json.loads(finished.result.read_text())
    some, difference = told["systems"]["base@64"], told["gain"]["64"]
    run = copied(finished, tmp_path / "run", kind=kind, systems=dict.fromkeys(systems, some))
    result = json.loads(run.result.read_text()) | {"gain": {gain: difference}}
    del result["kept"]
    run.result.write_text(json.dumps(result))
    html = write_report(run.root, tmp_path / "report.html").read_text()
    assert "<svg" not in html
    assert unlike not in html


def test_pairs_that_were_moved_are_asked_for_and_taken(finished, tmp_path):
    run = copied(finished, tmp_path / "run")
    config = json.loads((run.root / "config.json").read_text())
    pairs, config["data"]["pairs"] = config["data"]["pairs"], str(tmp_path / "gone")
    (run.root / "config.json").write_text(json.dumps(config))
    with pytest.raises(BadInput, match="--pairs"):
        write_report(run.root, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()
    assert write_report(run.root, tmp_path / "report.html", Path(pairs)).exists()


def test_a_run_that_is_not_finished_has_no_report(tmp_path):
    with pytest.raises(BadInput, match="not a finished run"):
        write_report(tmp_path, tmp_path / "report.html")


def test_a_place_that_cannot_be_written_is_said_first(finished, tmp_path):
    with pytest.raises(BadInput, match="Cannot write"):
        write_report(finished.root, tmp_path / "nowhere" / "report.html")

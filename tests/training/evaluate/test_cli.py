"""`vdr evaluate` prints tables, writes its files whole or not at all, and says what is wrong in one line."""

import json
import sys

import pytest
import typer
from typer.testing import CliRunner

from app.cli.main import main
from tests.fixtures.embedder import TinyEmbedder
from tests.training.evaluate.folders import QUESTIONS, write_questions
from training.cli import evaluate, parse_dims, run
from training.evaluate.run import Task
from vdr.errors import BadInput, ExitCode


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "never-used"))
    monkeypatch.setenv("COLUMNS", "140")


def run_on(folder, tmp_path, *, load=lambda _: TinyEmbedder(), **task):
    files = tmp_path / "result.json", tmp_path / "details.jsonl"
    run(Task(folder, tmp_path / "cache", **task), load, *files)
    return json.loads(files[0].read_text()), [json.loads(line) for line in files[1].read_text().splitlines()]


def test_the_json_holds_every_system_in_both_scopes_beside_the_baseline(folder, tmp_path):
    result, _ = run_on(folder, tmp_path)
    assert list(result["systems"]) == [
        *("bm25", "text", "read", "visual", "visual+rerank", "hybrid", "hybrid+rerank"),
        *(f"visual@{width}" for width in (64, 32, 16, 8, 4, 2)),
    ]
    for name, system in result["systems"].items():
        for scope in ("within", "corpus"):
            low, high = system[scope]["ndcg@10_interval"]
            assert 0 <= low <= system[scope]["ndcg@10"] <= high <= 1
            assert {"recall@1", "recall@5", "recall@10"} < set(system[scope])
            if name != "bm25":
                assert 0 <= system["against_bm25"][scope]["share_above_zero"] <= 1
    assert "against_bm25" not in result["systems"]["bm25"]
    assert result["systems"]["bm25"]["corpus"]["recall@5"] == 1


def test_the_json_says_what_was_measured_under_which_conditions(folder, tmp_path):
    result, _ = run_on(folder, tmp_path)
    assert (result["documents"], result["pages"], result["questions"]) == (2, 5, 3)
    assert (result["fingerprint"], result["dims"], result["text_layer"]) == (
        TinyEmbedder.fingerprint,
        64,
        True,
    )
    assert (result["candidates"], result["rerank_candidates"], result["resamples"]) == (200, 50, 2000)
    assert 0 < result["query_ms"]["p50"] <= result["query_ms"]["p95"]
    assert set(result["query_ms"]["parts"]) == {"embed", "index", "snippets"}
    assert min(result["pages_per_s"], result["bytes_per_page"], result["image_bytes_per_page"]) > 0
    assert {name: group["questions"] for name, group in result["by_evidence"].items()} == {
        "Figure": 1,
        "Text": 2,
    }
    assert {name: group["questions"] for name, group in result["by_source"].items()} == {"state": 1, "zoo": 1}


def test_details_tell_what_every_system_answered(folder, tmp_path):
    _, details = run_on(folder, tmp_path, dims=())
    assert len(details) == 7 * 2 * 3
    first = details[0]
    assert (first["query_id"], first["system"], first["scope"]) == ("q1", "bm25", "within")
    assert first["expected"] == [2] and first["top"][0] == ["cats.pdf", 2]
    assert len(first["top"]) == 3


def test_an_evaluation_is_compared_with_an_earlier_one(folder, tmp_path, capsys):
    _, details = run_on(folder, tmp_path, dims=())
    worse = [
        {**line, "top": []} if line["system"] == "hybrid" and line["query_id"] != "q1" else line
        for line in details
    ]
    earlier = tmp_path / "earlier.jsonl"
    earlier.write_text("".join(json.dumps(line) + "\n" for line in worse if line["system"] != "text"))
    result, _ = run_on(folder, tmp_path, dims=(), against=earlier)
    gain = result["systems"]["hybrid"]["against_earlier"]["within"]
    assert gain["ndcg@10"] > 0 and gain["ndcg@10_interval"][0] >= 0
    assert result["systems"]["visual"]["against_earlier"]["corpus"]["ndcg@10"] == 0
    assert "against_earlier" not in result["systems"]["text"]
    assert "against the earlier evaluation" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "other questions"),
        ("no json", "was not written by vdr evaluate --details"),
        ('{"query_id": "q9"}', "was not written by vdr evaluate --details"),
        (
            '{"query_id": "q9", "system": "bm25", "scope": "within", "document": "a", "expected": [1], "top": []}',  # noqa: E501
            "other questions",
        ),
        (None, "Cannot read"),
    ],
)
def test_an_earlier_evaluation_must_be_one(folder, tmp_path, text, reason):
    earlier = tmp_path / "earlier.jsonl"
    if text is not None:
        earlier.write_text(text)
    with pytest.raises(BadInput, match=reason):
        run_on(folder, tmp_path, dims=(), against=earlier)


def test_tables_are_printed_with_their_legend(folder, tmp_path, capsys):
    run_on(folder, tmp_path)
    out = capsys.readouterr().out
    for part in (
        "3 questions, 5 pages, within the question's document",
        "3 questions, 5 pages, over the whole corpus",
        "ndcg@10 by evidence",
        "Text (2)",
        "ndcg@10 by source",
        "dense vector only, first 32 dimensions",
        "p95",
        "pages/s",
    ):
        assert part in out


def test_questions_without_kinds_have_no_tables_of_them(folder, tmp_path, capsys):
    write_questions(folder, [QUESTIONS[2]])
    result, _ = run_on(folder, tmp_path)
    assert result["by_evidence"] == {} and "by evidence" not in capsys.readouterr().out


def test_without_text_layer_the_baseline_has_nothing_to_search(folder, tmp_path, capsys):
    with_text, _ = run_on(folder, tmp_path)
    result, details = run_on(folder, tmp_path, text_layer=False)
    assert result["systems"]["bm25"] == {"within": None, "corpus": None, "note": "nothing to search"}
    assert result["systems"]["hybrid"]["corpus"] == result["systems"]["visual"]["corpus"]
    assert result["systems"]["visual"]["corpus"] == with_text["systems"]["visual"]["corpus"]
    assert result["systems"]["visual"]["against_bm25"] == {"within": None, "corpus": None}
    assert not any(line["system"] == "bm25" for line in details)
    out = capsys.readouterr().out
    assert "nothing to search" in out and "Text layers were ignored" in out


def test_a_quick_look_takes_a_part(folder, tmp_path):
    result, details = run_on(folder, tmp_path, first_documents=1, first_questions=1, dims=(16,))
    assert (result["documents"], result["pages"], result["questions"]) == (1, 3, 1)
    assert {line["query_id"] for line in details} == {"q1"}
    assert "visual@16" in result["systems"] and "visual@64" not in result["systems"]


def test_documents_that_nobody_asks_about_are_refused(folder, tmp_path):
    write_questions(folder, [QUESTIONS[1]])
    with pytest.raises(BadInput, match="None of the questions is about these documents"):
        run_on(folder, tmp_path, first_documents=1)


@pytest.mark.parametrize("task", [{"dims": (65,)}, {}])
def test_bad_input_leaves_nothing_behind(folder, tmp_path, task):
    if not task:
        write_questions(folder, [{**QUESTIONS[0], "page_numbers": [9]}])
    with pytest.raises(BadInput):
        run_on(folder, tmp_path, **task)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


def test_bad_input_is_found_before_a_model_is_loaded(folder, tmp_path):
    write_questions(folder, [{**QUESTIONS[0], "document": "dogs.pdf"}])
    with pytest.raises(BadInput, match=r"dogs\.pdf"):
        run_on(folder, tmp_path, load=lambda _: pytest.fail("A model was loaded."))


def test_a_file_that_cannot_be_written_is_told_before_any_work(folder, tmp_path):
    for file in (tmp_path / "nowhere" / "x.json", tmp_path):
        with pytest.raises(BadInput, match="Cannot write"):
            run(Task(folder), lambda _: pytest.fail("A model was loaded."), file)


def test_an_interrupted_run_says_how_to_go_on(folder, tmp_path, capsys):
    def interrupt(images):
        raise KeyboardInterrupt

    with pytest.raises(typer.Exit) as exit_:
        run_on(folder, tmp_path, load=lambda _: TinyEmbedder(interrupt))
    assert exit_.value.exit_code == ExitCode.INTERRUPTED
    assert "Run the same command again" in capsys.readouterr().err
    assert not (tmp_path / "result.json").exists()


def test_without_files_only_tables_come(folder, tmp_path, capsys):
    run(Task(folder, tmp_path / "cache", dims=()), lambda _: TinyEmbedder())
    assert "hybrid+rerank" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "folder"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere"], "nowhere does not exist."),
        (["."], ". has no queries.jsonl."),
        ([".", "--dims", "many"], "--dims many is not a list of numbers."),
        ([".", "--json", "nowhere/x.json"], "Cannot write"),
    ],
)
def test_bad_usage_is_one_line_and_exit_code_2(tmp_path, monkeypatch, capsys, arguments, reason):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["vdr", "evaluate", *arguments])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    out, err = capsys.readouterr()
    assert out == "" and reason in err and len(err.splitlines()) == 1


def test_dimensions_are_a_list():
    assert parse_dims("1024, 256") == (1024, 256)
    assert parse_dims(None) is None


def test_the_command_is_ready_for_typer():
    app = typer.Typer()
    app.command()(evaluate)
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert "against BM25" in result.output

"""docs/training.md as its reader would follow it: the commands of its tutorial, on a few small PDFs."""

import re
import shutil
import sys
from contextlib import chdir
from pathlib import Path

import pytest

from app.cli.main import main
from samples.corpus import write_samples
from training.fit.run_folder import RunFolder

TUTORIAL = Path(__file__).parents[2] / "docs" / "training.md"
# So few pages need no more, and a test no longer.
_MOST_PAGES = 6
_SHORTER = {
    "epochs = 10": "steps = 4",
    "every_steps = 20": "every_steps = 2",
    "batch_size = 64": "batch_size = 4",
}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL.read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder in which the first block of commands was run to its end, one after the other."""
    folder = tmp_path_factory.mktemp("tutorial")
    corpus = write_samples(folder / "samples")
    (folder / "my-pdfs").mkdir()
    for document in corpus.documents:
        if document.page_count <= _MOST_PAGES:
            shutil.copy(folder / "samples" / "pdfs" / document.file_name, folder / "my-pdfs")
    config = blocks("toml")[0]
    for long, short in _SHORTER.items():
        assert long in config
        config = config.replace(long, short)
    (folder / "training.toml").write_text(config)
    for command in blocks("bash")[0].splitlines():
        assert run(folder, command) == 0, command
    return folder


def run(folder, command, **variables):
    """Run a command in this process, as the program of that name would in `folder`; its exit code."""
    assert command.startswith("vdr ")
    with chdir(folder), pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", command.split())
        for name, value in variables.items():
            patched.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    return ended.value.code or 0


def test_the_tutorial_ends_with_a_model_and_a_report(followed):
    folder = RunFolder(followed / "runs" / "tuned")
    assert folder.is_finished
    assert set(folder.read_result().kept.tuned) == {1_024, 256, 64, 32}
    assert "<html" in (folder.root / "report.html").read_text()
    assert "<html" in (followed / "sheet.html").read_text()


def test_the_model_is_served_as_the_tutorial_says(followed, capsys):
    commands = [line for line in blocks("bash")[1].splitlines() if line.startswith("vdr index")]
    variables = dict(
        part.split("=") for part in blocks("bash")[1].splitlines()[0].removeprefix("export ").split()
    )
    assert run(followed, commands[0], **variables) == 0
    assert re.search(r"\d+ documents, \d+ pages", capsys.readouterr().out)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[run]\nfolder = 'r'\n[data]\npairs = 'pairs'\nnegativs = 1\n", "did you mean data.negatives?"),
        ("[run]\nfolder = 'r'\n[data]\npairs = 'nowhere'\n", "not a data set of pairs"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, capsys, config, said):
    (tmp_path / "bad.toml").write_text(config)
    assert run(tmp_path, "vdr train embedder bad.toml") == 2
    printed = capsys.readouterr().err
    assert said in printed
    assert len(printed.strip().splitlines()) == 1

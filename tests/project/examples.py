"""The blocks of code in the documents, and the commands in them.

A comment before a block, which no reader sees, says why it is not run (`<!-- not run: needs a GPU -->`) or
which test runs it (`<!-- run by tests/training/test_tutorial.py -->`).
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tests.project.files import ROOT, text_of

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "vdr" / "page_reader" / "weights" / "README.md",
    )
)
_BLOCK = re.compile(
    r"^(?:<!-- (?P<how>not run: |run by )(?P<what>[^\n]+?) -->\n+)?"
    r"(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_COMMENT = re.compile(r"(^|\s)#(\s.*)?$")
_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_PUNCTUATION = "();<>|&"
_LAUNCHERS = {"torchrun", "accelerate"}


@dataclass(frozen=True, slots=True)
class Example:
    """A block; `not_run` is why it cannot be, `run_by` the test that runs it."""

    document: str
    line: int
    language: str
    text: str
    not_run: str = ""
    run_by: str = ""

    def __str__(self) -> str:
        """What a failing test names."""
        return f"{self.document}:{self.line}"


@dataclass(frozen=True, slots=True)
class Command:
    """One program with its arguments, and the variables that are set for it, or for what follows."""

    words: tuple[str, ...]
    variables: dict[str, str]

    @property
    def program(self) -> str:
        """Its name, wherever it lies; "" where variables are set alone."""
        return self.words[0].rpartition("/")[2] if self.words else ""

    def arguments_of(self, program: str) -> list[str] | None:
        """What follows the name of a program, which another may start (`torchrun ... vdr train`)."""
        if self.program != program and (self.program not in _LAUNCHERS or program not in self.words):
            return None
        first = 0 if self.program == program else self.words.index(program)
        return list(self.words[first + 1 :])


def examples_in(document: str) -> Iterator[Example]:
    """Its blocks, in order."""
    text = text_of(document)
    for found in _BLOCK.finditer(text):
        what = {"not run: ": "not_run", "run by ": "run_by"}.get(found["how"] or "")
        line = text.count("\n", 0, found.start("language")) + 1
        notes = {what: found["what"]} if what else {}
        yield Example(document, line, found["language"].strip(), found["text"], **notes)


def commands_in(script: str) -> Iterator[Command]:
    """The commands of a shell script, also those of pipelines and of $(...)."""
    words: list[str] = []
    for line in _lines(script):
        for token in (*_tokens(line), ";"):
            if set(token) <= set(_PUNCTUATION):
                yield from _command(words)
                # What a redirection names is a file, no command.
                words = [""] if set(token) & set("<>") else []
            else:
                words.append(token)


def _command(words: list[str]) -> Iterator[Command]:
    variables = dict[str, str]()
    rest = [word for word in words if word] if words[:1] != [""] else []
    if rest[:1] == ["export"]:
        rest.pop(0)
    while rest and (found := _VARIABLE.fullmatch(rest[0])):
        variables[found[1]] = found[2]
        rest.pop(0)
    if rest or variables:
        yield Command(tuple(rest), variables)


def _lines(script: str) -> Iterator[str]:
    """Whole lines, without comments: continued ones are joined, and those within quotes."""
    line = ""
    for part in script.replace("\\\n", " ").splitlines():
        line = f"{line}\n{part}" if line else _COMMENT.sub("", part)
        try:
            shlex.split(line)
        except ValueError:
            continue
        yield line
        line = ""
    if line:
        yield line


def _tokens(line: str) -> list[str]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=_PUNCTUATION)
    lexer.whitespace_split, lexer.commenters = True, ""
    return list(lexer)

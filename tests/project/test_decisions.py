"""What the records of decisions say of where their figures come from."""

import re

from tests.project.files import ROOT

_DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
_HISTORY = re.compile(r"\*history: [^*]+\*", re.IGNORECASE)
_UNKEPT = re.compile(r"\bnot kept\b|\bone-off\b|\blab script", re.IGNORECASE)


def test_figures_that_no_command_makes_are_marked_as_history() -> None:
    unmarked = {
        path.name: found
        for path in _DECISIONS
        if (found := _UNKEPT.findall(_HISTORY.sub("", path.read_text(encoding="utf-8"))))
    }
    assert not unmarked
    assert any(_HISTORY.search(path.read_text(encoding="utf-8")) for path in _DECISIONS)

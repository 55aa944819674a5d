"""What a PDF calls itself, where that tells people more than the name of its file."""

import re

from vdr.types import Document

# What programs write into a title on their own.
_BY_PROGRAMS = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)\b.*|untitled.*|slide ?\d*|powerpoint presentation|document\d*"
    r"|.*\.(?:docx?|pptx?|xlsx?|indd|qxp|pdf|tex|dvi|ps|rtf|odt|ai))",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")
_FEWEST_LETTERS = 4  # "UG" tells nobody anything


def title_of(document: Document) -> str:
    """The title of a document, "" where it has none or none that says more than its name."""
    title = " ".join(document.info.title.split())
    if len(_LETTERS.findall(title)) < _FEWEST_LETTERS or _BY_PROGRAMS.fullmatch(title):
        return ""
    return "" if _bare(title) in _bare(document.name) else title


def _bare(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()

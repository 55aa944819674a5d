"""Questions with the pages that answer them, as people have labelled them. Values and their ids."""

from dataclasses import dataclass
from hashlib import sha256

_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question about one document; `page_numbers`, ascending, are all pages that hold a part of the answer.

    `evidence` says what kinds of evidence they hold, `source` where the question comes from. `document_name`
    is how the document is shown now.
    """

    query_id: str
    text: str
    document_id: str
    page_numbers: tuple[int, ...]
    evidence: tuple[str, ...] = ()
    source: str = ""
    document_name: str = ""


def question_id_of(text: str, document_id: str) -> str:
    """The id of a question that comes without one: the same for the same question about the same document."""
    return sha256(f"{document_id}\n{' '.join(text.split())}".encode()).hexdigest()[:_ID_DIGITS]

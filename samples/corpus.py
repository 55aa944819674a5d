"""The corpus as a whole: every document drawn, every question with its page, written to a folder."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from samples.documents import DOCUMENTS
from samples.page_design import DocumentDesign, DrawnDocument, Evidence, Question, draw_document
from training.drawing.fonts import FONT_FOLDERS, FontBook
from vdr.errors import BadInput

SOURCE = "vdr-samples"
DEFAULT_SEED = 7


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """A PDF of the corpus; `pictured_words` are those of each page that no text layer has."""

    file_name: str
    kind: str
    page_count: int
    pictured_words: tuple[tuple[str, ...], ...]
    overfull_pages: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SampleQuestion:
    """A question, the words that answer it, and the pages (from 1) where they stand."""

    query_id: str
    query: str
    answer: str
    document: str
    page_numbers: tuple[int, ...]
    page_count: int
    document_kind: str
    evidence: tuple[Evidence, ...]
    is_for_demo: bool


@dataclass(frozen=True, slots=True)
class SampleCorpus:
    """What was written: `folder`/pdfs and `folder`/queries.jsonl."""

    folder: Path
    documents: tuple[SampleDocument, ...]
    questions: tuple[SampleQuestion, ...]


def write_samples(
    folder: Path, seed: int = DEFAULT_SEED, font_folders: Sequence[Path] = FONT_FOLDERS
) -> SampleCorpus:
    """Write the corpus; the same seed and fonts give the same bytes.

    Raises BadInput, and writes nothing, where `folder` holds anything but an earlier sample corpus.
    """
    _check_is_ours(folder)
    fonts = FontBook(font_folders)
    drawn = [draw_document(design, seed, fonts) for design in DOCUMENTS]
    questions = tuple(_number(question for design in DOCUMENTS for question in _placed(design)))
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    # The questions first: they mark the folder as ours, should the writing be cut short.
    (folder / "queries.jsonl").write_text(
        "".join(_line(question) for question in questions), encoding="utf-8"
    )
    for design, document in zip(DOCUMENTS, drawn, strict=True):
        (folder / "pdfs" / design.file_name).write_bytes(document.pdf)
    documents = tuple(_document(design, document) for design, document in zip(DOCUMENTS, drawn, strict=True))
    return SampleCorpus(folder, documents, questions)


def demo_questions(corpus: SampleCorpus) -> tuple[SampleQuestion, ...]:
    """Five questions to show, one for each kind of evidence."""
    return tuple(question for question in corpus.questions if question.is_for_demo)


def _check_is_ours(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise BadInput(f"{folder} is a file.", remedy="Choose a folder.")
    foreign = _foreign(folder)
    if foreign is not None:
        raise BadInput(
            f"{folder} contains {foreign}, which is not a sample.", remedy="Choose a new or empty folder."
        )


def _foreign(folder: Path) -> str | None:
    """The first thing in the folder that this module would not have written, or None."""
    ours = {folder / "pdfs", folder / "queries.jsonl"} | {folder / "pdfs" / d.file_name for d in DOCUMENTS}
    found = sorted(folder.rglob("*"))
    strangers = [path for path in found if path not in ours]
    if found and not strangers and not _is_our_list(folder / "queries.jsonl"):
        strangers = [path for path in found if path.is_file() or path.is_symlink()]
    return str(strangers[0].relative_to(folder)) if strangers else None


def _is_our_list(path: Path) -> bool:
    if not path.is_file():
        return False
    mark = json.dumps({"source": SOURCE}).strip("{}")
    return all(mark in line for line in path.read_text(encoding="utf-8", errors="replace").splitlines())


def _placed(design: DocumentDesign) -> Iterable[SampleQuestion]:
    """The questions of a document; one that several pages declare is answered by all of them."""
    pages: dict[Question, list[int]] = {}
    for number, plan in enumerate(design.pages, 1):
        for question in plan.questions:
            pages.setdefault(question, []).append(number)
    for question, numbers in pages.items():
        yield SampleQuestion(
            query_id="",
            query=question.text,
            answer=question.answer,
            document=design.file_name,
            page_numbers=tuple(numbers),
            page_count=len(design.pages),
            document_kind=design.kind,
            evidence=question.evidence,
            is_for_demo=question.is_for_demo,
        )


def _number(questions: Iterable[SampleQuestion]) -> Iterable[SampleQuestion]:
    for number, question in enumerate(questions, 1):
        yield replace(question, query_id=f"samples-{number:04d}")


def _document(design: DocumentDesign, drawn: DrawnDocument) -> SampleDocument:
    return SampleDocument(
        design.file_name, design.kind, len(design.pages), drawn.pictured_words, drawn.overfull_pages
    )


def _line(question: SampleQuestion) -> str:
    fields = {
        "query_id": question.query_id,
        "query": question.query,
        "document": question.document,
        "page_numbers": list(question.page_numbers),
        "n_pages": question.page_count,
        "source": SOURCE,
        "document_kind": question.document_kind,
        "evidence": [str(kind) for kind in question.evidence],
    }
    return json.dumps(fields, ensure_ascii=False) + "\n"

"""The PDFs of an evaluation, and whether they hold the pages that the questions name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.paths import find_pdfs
from indexer.pdf.inspect import count_pages
from training.evaluate.questions import FILE_NAME, Question
from vdr.errors import BadInput
from vdr.objects.checksums import hash_of
from vdr.settings import IngestSettings
from vdr.types import PageRef

_REMEDY = f"Correct {FILE_NAME}, or add the PDF."


@dataclass(frozen=True, slots=True)
class CorpusDocument:
    """A PDF of the corpus."""

    document_id: str
    path: Path
    page_count: int


@dataclass(frozen=True, slots=True)
class Documents:
    """The PDFs of the corpus by their names, in order of name; two names may stand for the same bytes."""

    by_name: dict[str, CorpusDocument]

    @property
    def ordered(self) -> list[CorpusDocument]:
        """Every document once."""
        return list({document.document_id: document for document in self.by_name.values()}.values())

    @property
    def pages(self) -> list[PageRef]:
        """Every page in order."""
        return [PageRef(d.document_id, number) for d in self.ordered for number in range(1, d.page_count + 1)]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all documents."""
        return frozenset(document.document_id for document in self.ordered)

    def first(self, count: int | None) -> "Documents":
        """The first `count` PDFs; all for None."""
        return Documents(dict(list(self.by_name.items())[:count]))


def find_documents(folder: Path, settings: IngestSettings) -> Documents:
    """All PDFs in `folder`/pdfs. Raises BadInput if there are none, the DocumentError of an unfit one."""
    pdfs = folder / "pdfs"
    if not pdfs.is_dir():
        raise BadInput(f"{folder} has no folder pdfs.", remedy="Create it and put the PDFs there.")
    files = {file.relative_to(pdfs).as_posix(): file for file in find_pdfs([str(pdfs)])}
    return Documents({name: _document(files[name], settings) for name in sorted(files)})


def check_answers(questions: Sequence[Question], documents: Documents) -> None:
    """Raises BadInput for a question about a PDF or a page that is not there."""
    for question in questions:
        document = documents.by_name.get(question.document)
        said = f"Question {question.query_id} is about"
        if document is None:
            raise BadInput(f"{said} {question.document}, which is not in pdfs.", remedy=_REMEDY)
        if question.page_numbers[-1] > document.page_count:
            page = f"page {question.page_numbers[-1]} of {question.document}"
            raise BadInput(f"{said} {page}, which has {document.page_count}.", remedy=_REMEDY)


def _document(file: Path, settings: IngestSettings) -> CorpusDocument:
    return CorpusDocument(hash_of(file), file, count_pages(file, file.name, settings))

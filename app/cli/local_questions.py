"""The labelled questions of a collection where this process opens the data folder itself."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from app.api.questions.schemas import QuestionIn, QuestionOut, QuestionsKept, to_questions
from indexer.library import Library
from indexer.services import open_services
from vdr.catalogue.questions import Questions
from vdr.models.loading import Models
from vdr.settings import Settings


@contextmanager
def questions_here(
    settings: Settings, collection: str | None, models: Models | None = None
) -> Iterator["LocalQuestions"]:
    """The questions of the collection, open inside the block."""
    with open_services(settings, models) as services:
        library = services.library(collection)
        yield LocalQuestions(library, services.questions(library))


@dataclass(frozen=True)
class LocalQuestions:
    """The labelled questions of a library."""

    library: Library
    questions: Questions

    def put(self, given: Sequence[QuestionIn]) -> QuestionsKept:
        """Keep questions, all or none."""
        asked = to_questions(given, self.library.catalogue.names())
        return QuestionsKept.of(asked, added=self.questions.put(asked))

    def export(self) -> Iterator[str]:
        """A line of JSON for each."""
        return (QuestionOut.of(each).model_dump_json() for each in self.questions.each())

    def delete(self, query_id: str) -> None:
        """Forget a question."""
        self.questions.delete(query_id)

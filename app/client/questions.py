"""The labelled questions of a collection that a service has, as commands use them."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from app.addresses import IN_COLLECTION
from app.api.questions.schemas import QuestionIn, QuestionsKept
from app.client.connection import Connection


class ServedQuestions:
    """Questions by way of a service; None is the collection that the service means."""

    def __init__(self, connection: Connection, collection: str | None) -> None:
        within = IN_COLLECTION.format(collection=collection) if collection else ""
        self._connection, self._path = connection, f"{within}/questions"

    def put(self, given: Sequence[QuestionIn]) -> QuestionsKept:
        """Keep questions, all or none."""
        body = {"questions": [each.model_dump(mode="json") for each in given]}
        return self._connection.post(self._path, QuestionsKept, json=body)

    def export(self) -> Iterator[str]:
        """A line of JSON for each."""
        yield from self._connection.lines(f"{self._path}/export", {})

    def delete(self, query_id: str) -> None:
        """Forget a question."""
        self._connection.delete(f"{self._path}?{urlencode({'query_id': query_id})}")

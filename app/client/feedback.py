"""The feedback on a collection that a service has, as commands use it."""

from collections.abc import Iterator
from typing import Any

from app.addresses import IN_COLLECTION
from app.api.feedback.schemas import FeedbackDeletion, FeedbackSummary
from app.client.connection import Connection
from vdr.feedback import Choice


class ServedFeedback:
    """Feedback by way of a service; None is the collection that the service means."""

    def __init__(self, connection: Connection, collection: str | None) -> None:
        within = IN_COLLECTION.format(collection=collection) if collection else ""
        self._connection, self._path = connection, f"{within}/feedback"

    def summary(self) -> FeedbackSummary:
        """How much there is, and who gives it."""
        return self._connection.get(f"{self._path}/summary", FeedbackSummary)

    def export(self, choice: Choice, *, unjudged: bool) -> Iterator[str]:
        """A line of JSON for each chosen search."""
        params = {**_params(choice), "all": unjudged}
        yield from self._connection.lines(f"{self._path}/export", params)

    def delete(self, choice: Choice, older_than_days: float | None) -> FeedbackDeletion:
        """Delete what is chosen."""
        params = _params(choice)
        if older_than_days is not None:
            params["older_than_days"] = older_than_days
        return self._connection.delete_chosen(self._path, FeedbackDeletion, params)


def _params(choice: Choice) -> dict[str, Any]:
    told = {"search_id": choice.search_id, "reporter": choice.reporter, "key_id": choice.key_id}
    return {name: value for name, value in told.items() if value is not None}

"""The feedback on a collection where this process opens the data folder itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from app.api.feedback.schemas import FeedbackDeletion, FeedbackSummary, JudgedSearchOut
from app.feedback import check_kept, summary
from indexer.library import Library
from indexer.services import Services, open_services
from vdr.feedback import Choice, days_ago
from vdr.models.loading import Models
from vdr.settings import Settings


@contextmanager
def feedback_here(
    settings: Settings, collection: str | None, models: Models | None = None
) -> Iterator["LocalFeedback"]:
    """The feedback on the collection, open inside the block."""
    with open_services(settings, models) as services:
        yield LocalFeedback(services, services.library(collection))


@dataclass(frozen=True)
class LocalFeedback:
    """What people have said of the searches of a library."""

    services: Services
    library: Library

    def summary(self) -> FeedbackSummary:
        """How much there is, and who gives it."""
        check_kept(self.services)
        return summary(self.services, self.library)

    def export(self, choice: Choice, *, unjudged: bool) -> Iterator[str]:
        """A line of JSON for each chosen search."""
        judged = self.services.searches(self.library).each(choice, unjudged=unjudged)
        return (JudgedSearchOut.of(*each).model_dump_json() for each in judged)

    def delete(self, choice: Choice, older_than_days: float | None) -> FeedbackDeletion:
        """Delete what is chosen."""
        before = None if older_than_days is None else days_ago(older_than_days)
        notes = self.services.feedback(self.library)
        return FeedbackDeletion.of(notes.delete(replace(choice, before=before)))

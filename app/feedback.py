"""Taking feedback in, for API and web UI alike, also on a search that is being written down."""

import asyncio

from starlette.concurrency import run_in_threadpool

from app.api.feedback.schemas import FeedbackSummary
from app.state import Services
from indexer.library import Library
from indexer.services import Services as Opened
from vdr.errors import SearchesNotKept, SearchNotFound
from vdr.feedback import Feedback, age_s
from vdr.opinions import reporters

# Another process may still have a search in its memory for so long.
_WRITTEN_WITHIN_S = 3.0
_LOOK_S = 0.1


def check_kept(opened: Opened) -> None:
    """Raises SearchesNotKept where there is nothing that feedback could be about."""
    if not opened.keeper.is_on:
        raise SearchesNotKept("This service keeps no searches (VDR_KEEP_SEARCHES_DAYS is 0).")


async def give(services: Services, library: Library, given: Feedback) -> tuple[Feedback, bool]:
    """Note feedback; True if it is new. Raises SearchesNotKept, and as `FeedbackNotes.note`."""
    check_kept(services.opened)
    notes, most = services.opened.feedback(library), services.settings.feedback.feedback_limit
    while True:
        try:
            return await run_in_threadpool(notes.note, given, most)
        except SearchNotFound:
            age = age_s(given.search_id)
            if age is None or not -_WRITTEN_WITHIN_S < age < _WRITTEN_WITHIN_S:
                raise
        await run_in_threadpool(services.opened.keeper.flush)
        await asyncio.sleep(_LOOK_S)


def summary(opened: Opened, library: Library) -> FeedbackSummary:
    """How much feedback there is on a collection, and who gives it."""
    notes, weights = opened.feedback(library), opened.settings.feedback.feedback_weights
    return FeedbackSummary.of(
        opened.searches(library).count(), notes.by_kind_and_day(), reporters(notes.votes(), weights)
    )

"""/v1/feedback and /v1/collections/{collection}/feedback."""

from collections.abc import Iterator
from itertools import chain
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response, status
from fastapi.responses import StreamingResponse
from starlette.convertors import StringConvertor, register_url_convertor

from app.api.documents.answers import CHANGING, READING
from app.api.feedback.schemas import (
    MAX_REPORTER,
    FeedbackDeletion,
    FeedbackIn,
    FeedbackOut,
    FeedbackSummary,
    JudgedSearchOut,
    check_chosen,
    choice_of,
)
from app.askers import key_id as own_key_id
from app.feedback import check_kept, give
from app.feedback import summary as summed_up
from app.problems import documented
from app.state import LibraryOf, ServicesOf
from vdr.errors import (
    BadInput,
    CollectionNotFound,
    CrossSite,
    DatabaseUnavailable,
    FeedbackNotFound,
    NotFound,
    PageNotShown,
    RequestTooLarge,
    SearchesNotKept,
    SearchNotFound,
    TooMuchFeedback,
    WrongContentType,
)

router = APIRouter(prefix="/feedback", tags=["feedback"])


class _FeedbackId(StringConvertor):
    """Ids alone, so that no other address below /feedback takes the methods of one."""

    regex = "[0-9a-f]{32}"


register_url_convertor("feedback_id", _FeedbackId())

_LINES = "application/x-ndjson"
_GIVING = (
    BadInput,
    CollectionNotFound,
    CrossSite,
    DatabaseUnavailable,
    NotFound,
    PageNotShown,
    RequestTooLarge,
    SearchesNotKept,
    SearchNotFound,
    TooMuchFeedback,
    WrongContentType,
)
_EXPORTED: dict[str, Any] = {
    "responses": {
        "200": {
            "description": "A JSON object a line.",
            "content": {_LINES: {"schema": {"type": "string"}}},
        }
    }
}
OfSearch = Annotated[str | None, Query(max_length=64, description="Of this search.")]
OfReporter = Annotated[str | None, Query(max_length=MAX_REPORTER, description="Given by this reporter.")]
OfKey = Annotated[
    str | None, Query(max_length=64, description="Given, or asked, with the API key of this id.")
]
OlderThan = Annotated[float | None, Query(ge=0, le=36_500, description="Given, or asked, so many days ago.")]


@router.post(
    "",
    name="give_feedback",
    status_code=status.HTTP_201_CREATED,
    responses={**documented(*_GIVING), 200: {"model": FeedbackOut, "description": "It was said before."}},
)
async def give_feedback(
    body: FeedbackIn, response: Response, services: ServicesOf, library: LibraryOf
) -> FeedbackOut:
    """Say of a search which page is right or wrong, or what was done with a page.

    The same said twice counts once (200 instead of 201). `right` takes back a `wrong` of the same reporter on
    the same page, and the other way round.
    """
    given, is_new = await give(services, library, body.to_feedback(own_key_id()))
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return FeedbackOut.of(given)


@router.get("/summary", name="sum_up_feedback", responses=documented(*READING, SearchesNotKept))
def sum_up_feedback(services: ServicesOf, library: LibraryOf) -> FeedbackSummary:
    """Count feedback by kind and day, and show reporters who disagree with most others."""
    check_kept(services.opened)
    return summed_up(services.opened, library)


@router.get(
    "/export",
    name="export_feedback",
    response_class=StreamingResponse,
    responses=documented(*READING),
    openapi_extra=_EXPORTED,
)
def export_feedback(
    services: ServicesOf,
    library: LibraryOf,
    search_id: OfSearch = None,
    reporter: OfReporter = None,
    key_id: OfKey = None,
    all: Annotated[bool, Query(description="Searches without feedback as well.")] = False,
) -> StreamingResponse:
    """Export searches with the feedback on them as JSON Lines, oldest first."""
    services.opened.keeper.flush()
    choice = choice_of(search_id, reporter, key_id, None)
    judged = services.opened.searches(library).each(choice, unjudged=all)
    lines = (f"{JudgedSearchOut.of(*each).model_dump_json()}\n" for each in judged)
    return StreamingResponse(_begun(lines), media_type=_LINES)


@router.delete("", name="delete_feedback", responses=documented(*CHANGING))
def delete_feedback(
    services: ServicesOf,
    library: LibraryOf,
    search_id: OfSearch = None,
    reporter: OfReporter = None,
    key_id: OfKey = None,
    older_than_days: OlderThan = None,
) -> FeedbackDeletion:
    """Delete the feedback to which all that is given applies, and the searches to which it applies.

    A search goes with all feedback on it. It cannot be undone.
    """
    choice = choice_of(search_id, reporter, key_id, older_than_days)
    check_chosen(choice)
    services.opened.keeper.flush()
    return FeedbackDeletion.of(services.opened.feedback(library).delete(choice))


@router.delete(
    "/{feedback_id:feedback_id}",
    name="undo_feedback",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(*CHANGING, FeedbackNotFound),
)
def undo_feedback(
    feedback_id: Annotated[
        str, Path(pattern=r"^[0-9a-f]{32}$", examples=["5d41402abc4b2a76b9719d911017c592"])
    ],
    services: ServicesOf,
    library: LibraryOf,
) -> None:
    """Take feedback back."""
    services.opened.feedback(library).undo(feedback_id)


def _begun(lines: Iterator[str]) -> Iterator[str]:
    """The same lines, the first of them read: what is wrong is said before anything is sent."""
    return chain([next(lines, "")], lines)

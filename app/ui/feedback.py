"""What people say of results in the web UI, and what they do with pages there."""

from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from app.api.feedback.schemas import MAX_REPORTER, FeedbackIn
from app.askers import key_id
from app.feedback import give
from app.state import LibraryOf, ServicesOf
from app.ui.judged import JudgedView
from app.ui.routing import HtmlRoute, templates
from indexer.library import Library
from vdr.errors import BadInput, PageNotShown
from vdr.faults import first_fault
from vdr.feedback import JUDGEMENTS, Feedback, FeedbackKind

router = APIRouter(include_in_schema=False, route_class=HtmlRoute, default_response_class=HTMLResponse)

_MAX_BACK = 8_000


class _Told(BaseModel):
    """The fields of a form or a beacon by their names; what is not sent is empty."""

    search_id: str = Field(max_length=64)
    kind: FeedbackKind
    document_id: str = Field("", max_length=64)
    page_number: int = 0
    reporter: str = Field("", max_length=MAX_REPORTER)
    dwelt_ms: int | None = None
    said: str = Field("", max_length=16)
    place: str = Field("", pattern=r"^([0-9]{1,4}|viewer)?$")
    back: str = Field("", max_length=_MAX_BACK)

    def given(self) -> Feedback:
        """Raises BadInput."""
        told = self.model_dump(include={"search_id", "kind", "reporter", "dwelt_ms"})
        if self.document_id:
            told["page"] = {"document_id": self.document_id, "page_number": self.page_number}
        try:
            return FeedbackIn.model_validate(told).to_feedback(key_id())
        except ValidationError as error:
            raise BadInput(f"{first_fault(error)}.") from error

    def view(self) -> JudgedView:
        back = urlencode(parse_qsl(self.back))  # whatever was sent, it stays below our own address
        said = "" if self.said == self.kind else self.kind.value
        return JudgedView(self.search_id, self.document_id, self.page_number, self.place, back, said)


@router.post("/ui/feedback")
async def judge(
    request: Request, services: ServicesOf, library: LibraryOf, told: Annotated[_Told, Form()]
) -> Response:
    """Notes what somebody says of a page, or takes it back; what is done with a page is noted in silence."""
    given = told.given()
    if told.said == told.kind:
        await run_in_threadpool(_take_back, services, library, given)
    else:
        await _note(services, library, given)
    if told.kind not in JUDGEMENTS:
        return Response(status_code=204)
    name = "_judged.html" if "hx-request" in request.headers else "noted.html"
    return templates.TemplateResponse(request, name, {"judged": told.view()})


async def _note(services: ServicesOf, library: LibraryOf, given: Feedback) -> None:
    """A page is right that was turned to: then the search should have found it."""
    try:
        await give(services, library, given)
    except PageNotShown:
        if given.kind is not FeedbackKind.RIGHT:
            raise
        await give(services, library, replace(given, kind=FeedbackKind.EXPECTED))


def _take_back(services: ServicesOf, library: Library, given: Feedback) -> None:
    """Nothing happens to what is taken back already."""
    kinds = (given.kind, FeedbackKind.EXPECTED) if given.kind is FeedbackKind.RIGHT else (given.kind,)
    notes = services.opened.feedback(library)
    said = {each.feedback_id for each in notes.of_search(given.search_id, given.reporter, given.key_id)}
    for kind in kinds:
        feedback_id = replace(given, kind=kind).feedback_id
        if feedback_id in said:
            notes.undo(feedback_id)

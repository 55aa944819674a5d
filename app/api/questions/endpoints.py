"""/v1/questions and /v1/collections/{collection}/questions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, status
from fastapi.responses import StreamingResponse

from app.api.documents.answers import CHANGING, READING
from app.api.questions.schemas import QuestionList, QuestionOut, QuestionsIn, QuestionsKept, to_questions
from app.problems import documented
from app.state import LibraryOf, ServicesOf
from vdr.errors import QuestionNotFound, RequestTooLarge, WrongContentType

router = APIRouter(prefix="/questions", tags=["questions"])

_LINES = "application/x-ndjson"
_EXPORTED: dict[str, Any] = {
    "responses": {
        "200": {
            "description": "queries.jsonl: a JSON object a line.",
            "content": {_LINES: {"schema": {"type": "string"}}},
        }
    }
}


@router.get("", name="list_questions", responses=documented(*READING))
def list_questions(
    services: ServicesOf,
    library: LibraryOf,
    limit: Annotated[int, Query(ge=1, le=200, description="Maximum number of questions.")] = 50,
    after: Annotated[
        str | None, Query(max_length=128, description="`next_after` of the list before.")
    ] = None,
) -> QuestionList:
    """List the labelled questions of the collection."""
    questions = services.opened.questions(library)
    found = questions.page(limit + 1, after)
    shown = found[:limit]
    return QuestionList(
        questions=[QuestionOut.of(each) for each in shown],
        count=questions.count(),
        next_after=shown[-1].query_id if len(found) > limit else None,
    )


@router.post("", name="put_questions", responses=documented(*CHANGING, RequestTooLarge, WrongContentType))
def put_questions(body: QuestionsIn, services: ServicesOf, library: LibraryOf) -> QuestionsKept:
    """Keep questions with the pages that answer them: all, or none if one of them cannot be kept."""
    asked = to_questions(body.questions, library.catalogue.names())
    return QuestionsKept.of(asked, added=services.opened.questions(library).put(asked))


@router.get(
    "/export",
    name="export_questions",
    response_class=StreamingResponse,
    responses=documented(*READING),
    openapi_extra=_EXPORTED,
)
def export_questions(services: ServicesOf, library: LibraryOf) -> StreamingResponse:
    """Export the questions as queries.jsonl, which `vdr evaluate` and `vdr pairs build` take."""
    questions = services.opened.questions(library)
    questions.count()  # where the database does not answer, that is said before anything is sent
    lines = (f"{QuestionOut.of(each).model_dump_json()}\n" for each in questions.each())
    return StreamingResponse(lines, media_type=_LINES)


@router.delete(
    "",
    name="delete_question",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(*CHANGING, QuestionNotFound),
)
def delete_question(
    query_id: Annotated[str, Query(min_length=1, max_length=128, description="Which one.")],
    services: ServicesOf,
    library: LibraryOf,
) -> None:
    """Delete a question."""
    services.opened.questions(library).delete(query_id)

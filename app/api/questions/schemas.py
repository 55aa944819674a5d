"""What the endpoints of labelled questions take and give: lines of queries.jsonl."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.api.search.asking import MAX_QUERY_CHARACTERS
from vdr.errors import BadInput, NotFound
from vdr.questions import LabelledQuestion, question_id_of

MAX_QUESTIONS = 500
_QUERY_ID = "q-0017"
_DOCUMENT_ID = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_TEXT = StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUERY_CHARACTERS)
QueryId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128)]
Short = Annotated[str, StringConstraints(max_length=128)]


class QuestionIn(BaseModel):
    """A question and the pages of one document that answer it."""

    # Other columns of a file of questions are passed over.
    model_config = ConfigDict(extra="ignore")

    query_id: QueryId | None = Field(
        None,
        description="A question of this id is replaced. Default: the same for the same question about the "
        "same document.",
        examples=[_QUERY_ID],
    )
    query: Annotated[str, _TEXT] = Field(examples=["How did net sales develop by region?"])
    document: str = Field(
        "", max_length=1_024, description="Name of the document, or its id.", examples=["annual-report.pdf"]
    )
    document_id: str | None = Field(
        None, max_length=64, description="Its id, where several have the name.", examples=[None]
    )
    page_numbers: list[Annotated[int, Field(ge=1, le=1_000_000, strict=True)]] = Field(
        min_length=1,
        max_length=1_000,
        description="All pages that hold a part of the answer.",
        examples=[[12]],
    )
    evidence: list[Short] = Field(
        default_factory=list, max_length=20, description="What holds the answer.", examples=[["table"]]
    )
    source: Short = Field("", description="Where the question comes from.", examples=["support"])


class QuestionsIn(BaseModel):
    """Questions to keep, all or none."""

    model_config = ConfigDict(extra="forbid")

    questions: list[QuestionIn] = Field(min_length=1, max_length=MAX_QUESTIONS)


class QuestionOut(BaseModel):
    """A question as it is kept: a line of queries.jsonl."""

    query_id: str = Field(examples=[_QUERY_ID])
    query: str = Field(examples=["How did net sales develop by region?"])
    document: str = Field(description="Name of the document.", examples=["annual-report.pdf"])
    document_id: str = Field(examples=[_DOCUMENT_ID])
    page_numbers: list[int] = Field(examples=[[12]])
    evidence: list[str] = Field(examples=[["table"]])
    source: str = Field(examples=["support"])

    @classmethod
    def of(cls, question: LabelledQuestion) -> "QuestionOut":
        """The question as the API shows it."""
        return cls(
            query_id=question.query_id,
            query=question.text,
            document=question.document_name,
            document_id=question.document_id,
            page_numbers=list(question.page_numbers),
            evidence=list(question.evidence),
            source=question.source,
        )


class QuestionList(BaseModel):
    """Questions in the order of their ids."""

    questions: list[QuestionOut]
    count: int = Field(description="How many there are in all.", examples=[120])
    next_after: str | None = Field(description="Continues the list, as `after`; null at the end.")


class QuestionsKept(BaseModel):
    """How many questions were kept."""

    added: int = Field(examples=[118])
    replaced: int = Field(examples=[2])

    @classmethod
    def of(cls, asked: Sequence[LabelledQuestion], *, added: int) -> "QuestionsKept":
        """The count of questions that were put, of which so many were new."""
        return cls(added=added, replaced=len({each.query_id for each in asked}) - added)


def to_questions(given: Sequence[QuestionIn], names: Iterable[tuple[str, str]]) -> list[LabelledQuestion]:
    """The questions about documents of a collection, of which `names` has the id and each name.

    Raises NotFound for a document that is not there, BadInput for a name that several have.
    """
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for document_id, name in names:
        ids[name].add(document_id)
        ids[document_id].add(document_id)
    return [_question(each, ids) for each in given]


def _question(given: QuestionIn, ids: Mapping[str, set[str]]) -> LabelledQuestion:
    named = given.document_id if given.document_id in ids else given.document
    found = ids.get(named or "", set())
    if not found:
        about = named or given.document_id or "no document"
        raise NotFound(
            f"The question {given.query!r} is about {about}, which is not in the collection.",
            remedy="Add the document, or correct its name.",
        )
    if len(found) > 1:
        raise BadInput(
            f"The question {given.query!r} is about {named}, a name of {len(found)} documents.",
            remedy="Give the document_id.",
        )
    (document_id,) = found
    pages, evidence = tuple(sorted(set(given.page_numbers))), tuple(dict.fromkeys(given.evidence))
    query_id = given.query_id or question_id_of(given.query, document_id)
    return LabelledQuestion(query_id, given.query, document_id, pages, evidence, given.source)

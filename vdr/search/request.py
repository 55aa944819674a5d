"""What is asked: the query of a request, and the filter that most requests have."""

from collections.abc import Sequence

from vdr.errors import BadInput
from vdr.types import AllOf, Condition, Filter, Operator, QueryInput, SearchRequest


def query_of(request: SearchRequest) -> QueryInput:
    """The image or the text of a request. Raises BadInput where it has neither."""
    if request.image is not None:
        return request.image
    if request.text is None or not request.text.strip():
        raise BadInput("The query is empty.", remedy="Enter a question or a few words.")
    return request.text


def in_documents(document_ids: Sequence[str]) -> Filter | None:
    """Lets pages of these documents pass; of all where none is named."""
    return Condition("document_id", Operator.IN, tuple(document_ids)) if document_ids else None


def all_of(*filters: Filter | None) -> Filter | None:
    """Lets pass what each of the filters does; None is no filter."""
    given = tuple(each for each in filters if each is not None)
    return AllOf(given) if len(given) > 1 else next(iter(given), None)

"""The questions that people have labelled with the pages of a collection that answer them."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, RowMapping, and_, delete, func, select

from vdr.catalogue.rows import now
from vdr.catalogue.tables import documents as _documents
from vdr.catalogue.tables import questions as _questions
from vdr.errors import NotFound, QuestionNotFound
from vdr.questions import LabelledQuestion

_A_TIME = 200


class Questions:
    """The labelled questions of a collection, each about one document.

    Safe from several threads, and from several processes. Every method raises DatabaseUnavailable where the
    database does not answer.
    """

    def __init__(self, engine: Engine, collection: str) -> None:
        self._engine, self._collection = engine, collection

    def put(self, asked: Sequence[LabelledQuestion]) -> int:
        """Enter questions, all or none; those of ids that are there take their place. How many are new.

        Raises NotFound for a document or page that is not there.
        """
        given = {each.query_id: each for each in asked}  # of two with one id the last
        with self._engine.begin() as connection:
            # Written first, so that in SQLite as well nobody else writes until they are checked.
            replaced = sum(self._delete(connection, query_id) for query_id in given)
            self._check(connection, list(given.values()))
            rows = [self._row(each) for each in given.values()]
            if rows:
                connection.execute(_questions.insert(), rows)
        return len(given) - replaced

    def page(self, limit: int, after: str | None = None) -> list[LabelledQuestion]:
        """At most `limit` questions in the order of their ids, those that come after one."""
        is_about = and_(
            _documents.c.collection == _questions.c.collection,
            _documents.c.document_id == _questions.c.document_id,
            ~_documents.c.is_deleted,
        )
        named = select(_questions, _documents.c.name).join(_documents, is_about)
        chosen = named.where(_questions.c.collection == self._collection)
        if after is not None:
            chosen = chosen.where(_questions.c.query_id > after)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(_questions.c.query_id).limit(limit)).mappings()
            return [_question_of(row) for row in rows]

    def each(self) -> Iterator[LabelledQuestion]:
        """All of them, in the order of their ids; a few are read at a time."""
        after: str | None = None
        while found := self.page(_A_TIME, after):
            yield from found
            after = found[-1].query_id

    def count(self) -> int:
        """How many there are."""
        chosen = select(func.count()).where(_questions.c.collection == self._collection)
        with self._engine.connect() as connection:
            return connection.execute(chosen).scalar_one()

    def delete(self, query_id: str) -> None:
        """Forget a question. Raises QuestionNotFound."""
        with self._engine.begin() as connection:
            if not self._delete(connection, query_id):
                raise QuestionNotFound(f"Question {query_id[:64]} does not exist.")

    def _delete(self, connection: Connection, query_id: str) -> int:
        is_it = and_(_questions.c.collection == self._collection, _questions.c.query_id == query_id)
        return connection.execute(delete(_questions).where(is_it)).rowcount

    def _check(self, connection: Connection, asked: Sequence[LabelledQuestion]) -> None:
        """Raises NotFound for the first question about a page that is not there."""
        columns = _documents.c
        wanted = list(dict.fromkeys(each.document_id for each in asked))
        counts: dict[str, int] = {}
        for start in range(0, len(wanted), _A_TIME):
            some = columns.document_id.in_(wanted[start : start + _A_TIME])
            chosen = select(columns.document_id, columns.page_count).where(
                columns.collection == self._collection, ~columns.is_deleted, some
            )
            rows = connection.execute(chosen.with_for_update(read=True))
            counts |= {row.document_id: row.page_count for row in rows}
        for each in asked:
            if each.document_id not in counts:
                raise NotFound(f"The question {each.text!r} is about {each.document_id}, which is gone.")
            if each.page_numbers[-1] > counts[each.document_id]:
                said = f"page {each.page_numbers[-1]:,} of {each.document_id}"
                count = f"{counts[each.document_id]:,}"
                raise NotFound(f"The question {each.text!r} is about {said}, which has {count}.")

    def _row(self, question: LabelledQuestion) -> dict[str, object]:
        return {
            "collection": self._collection,
            "query_id": question.query_id,
            "query": question.text,
            "document_id": question.document_id,
            "page_numbers": list(question.page_numbers),
            "evidence": list(question.evidence),
            "source": question.source,
            "added_at": now(),
        }


def _question_of(row: RowMapping) -> LabelledQuestion:
    return LabelledQuestion(
        row["query_id"],
        row["query"],
        row["document_id"],
        tuple(row["page_numbers"]),
        tuple(row["evidence"]),
        row["source"],
        row["name"],
    )

"""The commands `vdr questions import`, `export` and `delete`: labelled questions kept with a collection."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated, Protocol

import typer

from app.api.questions.schemas import MAX_QUESTIONS, QuestionIn, QuestionsKept
from app.client.finding import found_service
from app.client.questions import ServedQuestions
from app.client.served import chosen_collection
from indexer.commands.options import CollectionOption
from indexer.commands.reporting import counted
from vdr.environment import read_settings
from vdr.errors import BadInput
from vdr.files import check_writable, write_whole
from vdr.json_lines import read_json_lines
from vdr.settings import Settings

questions = typer.Typer(
    help="Import, export and delete questions with the pages that answer them.", no_args_is_help=True
)


class QuestionsOfCollection(Protocol):
    """The labelled questions of a collection, wherever it is. All methods raise what went wrong there."""

    def put(self, given: Sequence[QuestionIn]) -> QuestionsKept:
        """Keep questions, all or none. Raises NotFound, BadInput."""
        ...

    def export(self) -> Iterator[str]:
        """A line of JSON for each."""
        ...

    def delete(self, query_id: str) -> None:
        """Forget a question. Raises QuestionNotFound."""
        ...


@contextmanager
def open_questions(settings: Settings, collection: str | None) -> Iterator[QuestionsOfCollection]:
    """The questions of the collection of that name, or of the settings, open inside the block."""
    with found_service(settings) as connection:
        if connection is not None:
            yield ServedQuestions(connection, chosen_collection(settings, collection))
            return
    from app.cli.local_questions import questions_here  # noqa: PLC0415 - a service spares its clients that

    with questions_here(settings, collection) as opened:
        yield opened


@questions.command("import")
def import_questions(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="QUERIES.JSONL",
            help="A JSON object a line with query, document (its name or id) and page_numbers.",
        ),
    ],
    collection: CollectionOption = None,
) -> None:
    """Keep questions with the pages that answer them. A question of a query_id that is there is replaced."""
    given = list(read_json_lines(file, QuestionIn))
    if not given:
        raise BadInput(f"{file} contains no questions.", remedy="Write one line per question.")
    added = replaced = 0
    with open_questions(read_settings(), collection) as opened:
        waiting = iter(given)
        while some := list(islice(waiting, MAX_QUESTIONS)):
            kept = opened.put(some)
            added, replaced = added + kept.added, replaced + kept.replaced
    typer.echo(f"{counted(added, 'question')} added, {replaced:,} replaced.")


@questions.command("export")
def export_questions(
    out: Annotated[Path | None, typer.Option(help="File to write. Default: standard output.")] = None,
    collection: CollectionOption = None,
) -> None:
    """Write the questions as queries.jsonl, which vdr evaluate and vdr pairs build take."""
    if out is not None:
        check_writable(out)
    with open_questions(read_settings(), collection) as opened:
        lines = [f"{line}\n" for line in opened.export()]
    if out is None:
        sys.stdout.writelines(lines)
        return
    write_whole(out, "".join(lines))
    typer.echo(f"{counted(len(lines), 'question')} written to {out}.")


@questions.command("delete")
def delete_questions(
    query_ids: Annotated[list[str], typer.Argument(metavar="QUERY_ID", help="Ids of questions.")],
    collection: CollectionOption = None,
) -> None:
    """Delete questions by their ids."""
    with open_questions(read_settings(), collection) as opened:
        for query_id in query_ids:
            opened.delete(query_id)
    typer.echo(f"Deleted {counted(len(query_ids), 'question')}.")

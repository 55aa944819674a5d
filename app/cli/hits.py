"""Prints what a search has found: for people within the terminal's width, for programs as the API does."""

import json
from collections.abc import Mapping, Sequence

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from app.api.search.schemas import HitOut, SearchResponse
from app.cli.corpus import Corpus
from app.stages import shown_score
from app.told_confidence import shown_chance, told_doubt
from app.told_words import told_words
from indexer.commands.reporting import json_text, printable
from indexer.naming import mark_of
from vdr.types import Condition, Operator, Scalar

_INDENT = 4


def print_json(found: SearchResponse) -> None:
    """The response of the API, whether or not a service has given it."""
    typer.echo(json_text(found.model_dump(mode="json"), indent=2))


def print_hits(found: SearchResponse, corpus: Corpus, *, are_for_words: bool = True) -> None:
    """A few lines for each hit: rank, score, document and page; the snippet; where it can be opened.

    Pages that a question's words were searched for say so if they have none of them.
    """
    names = _told_apart(found.hits, corpus)
    console = Console(highlight=False)
    for hit in found.hits:
        console.print(_heading(hit, names[hit.document.document_id]), soft_wrap=True)
        if are_for_words and not hit.matched_words:
            console.print(Text(f"{' ' * _INDENT}none of your words", style="italic dim"))
        snippet = _snippet(hit)
        if snippet:
            console.print(Padding(snippet, (0, 0, 0, _INDENT)))
        if hit.explanation is not None:
            reason = Text(printable(hit.explanation.reason), style="italic")
            console.print(Padding(reason, (0, 0, 0, _INDENT)))
        for neighbour in hit.neighbours:
            text = Text.assemble((f"page {neighbour.page_label}  ", "dim"), printable(neighbour.text))
            console.print(Padding(text, (0, 0, 0, _INDENT)))
        # Never broken: half a link opens nothing.
        console.print(Text(f"{' ' * _INDENT}{printable(hit.page_url)}", style="dim"), soft_wrap=True)


def print_words(found: SearchResponse) -> None:
    """The words of the question that were understood as others, and those that no page has, or may have; and
    whether any page seems to answer."""
    words = told_words(found.missing_words, found.excluded_words, found.corrected_words)
    doubt = told_doubt(found.answerable) if found.hits else ""
    for told in filter(None, (words, doubt)):
        Console(highlight=False).print(Text(printable(told), style="italic"))


def print_facets(found: SearchResponse) -> None:
    """A line for each field that was counted: its values, each with the number of pages that have it."""
    console = Console(highlight=False)
    for field, facet in found.facets.items():
        counted = [f"{_written(each.value)} ({each.pages})" for each in facet.values]
        counted += [f"{facet.more} more"] if facet.more else []
        told = printable(", ".join(counted) or "on no page found")
        console.print(Text.assemble((f"{printable(field)}: ", "bold"), told))


def _written(value: Scalar) -> str:
    """As filters have it, but for the quotes of strings."""
    return value if isinstance(value, str) else json.dumps(value)


def _heading(hit: HitOut, name: str) -> Text:
    page = f"page {hit.page_label}"
    if hit.page_label != str(hit.page_number):
        page += f" ({hit.page_number})"  # its place in the file
    return Text.assemble(
        f"{hit.rank:>{_INDENT - 2}}  ",
        (printable(name), "bold"),
        f", {page}  ",
        (shown_score(hit.score), "dim"),
        ("" if hit.confidence is None else f"  {shown_chance(hit.confidence)} sure", "dim"),
    )


def _snippet(hit: HitOut) -> Text:
    text = Text(printable(hit.snippet.text))
    if hit.snippet.from_pixels and hit.snippet.text:
        text.append(" (read from pixels)", style="italic dim")
    return text


def _told_apart(hits: Sequence[HitOut], corpus: Corpus) -> Mapping[str, str]:
    """What to call the documents, by their ids: those that share a name by more than that."""
    shown = dict.fromkeys(hit.document.name for hit in hits)
    if not shown:
        return {}
    named = list(corpus.documents(Condition("document_name", Operator.IN, tuple(shown))))
    names = [each.name for each in named]
    marks = {
        each.document_id: f" {mark_of(each.document_id, str(each.added_at))}"
        for each in named
        if names.count(each.name) > 1
    }
    return {
        hit.document.document_id: f"{hit.document.name}{marks.get(hit.document.document_id, '')}"
        for hit in hits
    }

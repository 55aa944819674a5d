"""Taking files in, whether a library does it here or a service elsewhere, and saying how each gets on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from indexer.commands.describing import Described
from indexer.commands.reporting import Reporter, counted
from indexer.naming import file_name
from indexer.progress import PagesIndexed
from vdr.errors import DocumentError
from vdr.types import Document, DocumentState, Metadata, Priority

if TYPE_CHECKING:  # whoever talks to a service opens no library
    from indexer.library import Library


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that is in; `has_namesakes` tells that other documents have its name, or had it until now."""

    document: Document
    is_new: bool
    has_namesakes: bool


class Intake(Protocol):
    """Where files are taken in."""

    def finish_deletions(self) -> None:
        """Delete the rest of documents whose deletion was cut off, which would be in the way."""
        ...

    def take(
        self, file: Path, name: str, password: str | None, metadata: Metadata | None, *, replace: bool
    ) -> Taken:
        """Take a file in and queue it; to `replace` is to have it take the place of its namesakes.

        Raises the DocumentError that says why it cannot be taken, OSError where it cannot be read.
        """
        ...


@dataclass(frozen=True, slots=True)
class LibraryIntake:
    """Takes files into a library."""

    library: "Library"

    def finish_deletions(self) -> None:
        """See Intake."""
        self.library.finish_deletions()

    def take(
        self, file: Path, name: str, password: str | None, metadata: Metadata | None, *, replace: bool
    ) -> Taken:
        """See Intake."""
        document, is_new = self.library.add(file, name, Priority.BULK, password=password, metadata=metadata)
        has_namesakes = bool(self.library.catalogue.namesakes([document.document_id]))
        if replace and has_namesakes:
            self.library.replace(document.document_id)
        return Taken(document, is_new, has_namesakes)


def take_in(
    intake: Intake,
    files: Sequence[Path],
    reporter: Reporter,
    password: str | None,
    described: Described,
    *,
    replace: bool,
) -> list[Document]:
    """Queue the files that are not indexed already; one that cannot be taken is named and skipped.

    Files of one run that share a name never replace others: which of them is older would be guessed.
    """
    intake.finish_deletions()
    names = Counter(map(file_name, files))
    for name in described.unused(names):
        reporter.warn(f"{name} is in the metadata file, but not among the files to index.")
    queued: dict[str, Document] = {}  # two files may be one document
    for file in files:
        name = file_name(file)
        metadata, is_alone = described.of(name), names[name] == 1
        try:
            taken = intake.take(file, name, password, metadata, replace=replace and is_alone)
        except (DocumentError, OSError) as error:
            # Without its path a file is hard to find among hundreds of others.
            reporter.complain(f"{file}: {error}")
            continue
        _say_taken(taken, file, reporter, replace=replace, is_alone=is_alone)
        if taken.document.indexing.state is not DocumentState.INDEXED:
            queued[taken.document.document_id] = taken.document
    documents = list(queued.values())
    reporter.begin(documents)
    return documents


def tell(before: Document, after: Document | None, reporter: Reporter) -> None:
    """Say how a document has got on since it was as `before`."""
    if after is None:
        reporter.complain(f"{before.name}: deleted")
        return
    reporter(PagesIndexed(after, _pages_indexed(after) - _pages_indexed(before)))
    if after.indexing.state is DocumentState.INDEXED:
        say_indexed(after, reporter)
    elif after.indexing.state is DocumentState.FAILED:
        reporter.complain(f"{after.name}: {after.indexing.error_message}")
    elif after.indexing.state is DocumentState.CANCELLED:
        reporter.complain(f"{after.name}: cancelled")


def say_indexed(done: Document, reporter: Reporter) -> None:
    """Say what became of a document that is indexed."""
    reporter.summary.documents += 1
    reporter.say(f"{done.name}: {counted(done.page_count - len(done.indexing.page_errors), 'page')} indexed")
    for warning in done.warnings:
        reporter.warn(f"{done.name}: {warning.message}")
    for page_error in done.indexing.page_errors:
        reporter.say(f"{done.name}: page {page_error.page_number} skipped. {page_error.message}")


def _say_taken(taken: Taken, file: Path, reporter: Reporter, *, replace: bool, is_alone: bool) -> None:
    document = taken.document
    is_indexed, name = document.indexing.state is DocumentState.INDEXED, document.name
    if is_indexed and not taken.is_new:
        reporter.summary.known += 1
        also = f", also known as {', '.join(document.other_names)}" if document.other_names else ""
        reporter.say(f"{file}: already indexed ({counted(document.page_count, 'page')}){also}")
    if not taken.has_namesakes:
        return
    if replace and is_alone:
        when = "" if is_indexed else " once it is indexed"
        reporter.say(f"{file}: replaces the other documents named {name}{when}")
    elif replace:
        reporter.warn(f"{file}: several of these files are named {name}; none is replaced.")
    elif not is_indexed:
        reporter.say(f"{file}: another document is named {name}; both are kept (see --replace)")


def _pages_indexed(document: Document) -> int:
    return document.indexing.pages_done - len(document.indexing.page_errors)

"""What is run in the cage to take the attached documents out of a PDF, and out of PDFs among them.

python -m indexer.pdf.extract_attachments PDF FOLDER MOST_FILES MOST_BYTES

Writes them into the folder, named 0, 1, 2 and so on, and prints as JSON what they are.
"""

import json
import sys
from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pikepdf import PasswordError, Pdf, PdfError

from indexer.pdf.attached_files import attached_files, content, is_portfolio
from indexer.pdf.kinds import Kind, kind_of

# Files in files in files: deeper than this nobody packs by hand.
_MOST_LEVELS = 4


@dataclass(slots=True)
class Extraction:
    """What has been taken out so far; `files_left` and `bytes_left` may still be, of all levels together.

    `left_out` counts what is beyond that, too large or damaged, and in a portfolio what is no document.
    """

    folder: Path
    files_left: int
    bytes_left: int
    most_bytes: int
    seen: set[bytes]
    left_out: int = 0
    files: list[dict[str, object]] = field(default_factory=list)

    def take(self, pdf: Path, parent: int | None) -> list[int]:
        """Take the documents out of a PDF; the numbers of those that are PDFs themselves."""
        inner: list[int] = []
        try:
            with Pdf.open(pdf) as opened:
                for each in attached_files(opened):
                    most_bytes = min(self.most_bytes, self.bytes_left) if self.files_left else 0
                    kind = self._keep(content(each, most_bytes), is_needed=is_portfolio(opened))
                    if kind is not None:
                        inner += [len(self.files)] if kind is Kind.PDF else []
                        self.files.append({"name": each.name, "parent": parent})
        except (PasswordError, PdfError, RuntimeError, TypeError, ValueError):  # damaged, or locked
            self.left_out += 1
        return inner

    def _keep(self, found: bytes | None, *, is_needed: bool) -> Kind | None:
        """Write a file, if it is a document that was not there yet; its kind then."""
        if found is None or not self.files_left:
            self.left_out += 1
            return None
        digest = sha256(found).digest()
        if digest in self.seen:
            return None
        self.seen.add(digest)
        path = self.folder / str(len(self.files))
        path.write_bytes(found)
        kind, _ = kind_of(path) or (None, "")
        self.left_out += kind is None and is_needed
        self.bytes_left -= len(found)
        self.files_left -= kind is not None
        return kind


def extract(pdf: Path, folder: Path, most_files: int, most_bytes: int) -> dict[str, object]:
    """The documents of a PDF, of its own first, written into the folder; none of them twice, nor itself."""
    itself = sha256(pdf.read_bytes()).digest()
    # PDFs and images are packed already: what unpacks to far more than it came in is not one of them.
    extraction = Extraction(folder, most_files, 2 * most_bytes, most_bytes, {itself})
    waiting: deque[tuple[Path, int | None, int]] = deque([(pdf, None, 1)])
    while waiting:
        path, parent, level = waiting.popleft()
        inner = extraction.take(path, parent)
        if level < _MOST_LEVELS:
            waiting.extend((folder / str(number), number, level + 1) for number in inner)
    return {"files": extraction.files, "left_out": extraction.left_out}


if __name__ == "__main__":
    source, target, files, size = sys.argv[1:]
    sys.stdout.write(json.dumps(extract(Path(source), Path(target), int(files), int(size))))

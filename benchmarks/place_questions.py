"""Questions that name places of PDFs, made from their text layers: a folder for `benchmarks.places`.

python -m benchmarks.place_questions FOLDER OUT [--pages 8]

Of each document some pages are asked for by a phrase that other pages have, too ("page"); for what no word
tells ("seen"); and by a phrase that no other page has, with the number of another one ("wrong"): that page
should still be found. In half of the questions of the first two kinds the number is the one that the
page prints at its end, if that is another. Half of all questions say which document they are about.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from training.evaluate.documents import CorpusDocument, find_documents
from training.evaluate.questions import FILE_NAME
from training.evaluate.texts import read_texts
from vdr.settings import IngestSettings

_PRINTED = re.compile(r"(?:^|\n)\s*(?:page\s*)?(\d{1,3})\s*$", re.IGNORECASE)
_SEEN = (
    "How many people are in the picture",
    "What is the color of the line in the chart",
    "How many rows does the table have",
    "What is written in bold",
)
_FAR = 5  # pages, further than a printed number is from that in the file
_WORD = re.compile(r"[A-Za-z]{4,}")


class _Made(NamedTuple):
    text: str
    page_numbers: Sequence[int]
    source: str


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/.")],
    out: Annotated[Path, typer.Argument(help="The folder to make.")],
    pages: Annotated[int, typer.Option(help="Pages of each document to ask for.")] = 8,
) -> None:
    """Make the folder."""
    documents = find_documents(folder, IngestSettings())
    (out / "pdfs").mkdir(parents=True)
    lines = []
    for name, document in documents.by_name.items():
        (out / "pdfs" / Path(name).name).symlink_to(document.path.resolve())
        for made in _questions(document, out / "texts", pages):
            lines.append({"query": made.text, "document": Path(name).name, **_answer(made)})
    numbered = ({"query_id": f"made-{n:04}", **line} for n, line in enumerate(lines))
    (out / FILE_NAME).write_text("".join(f"{json.dumps(line)}\n" for line in numbered), encoding="utf-8")
    typer.echo(json.dumps(dict(Counter(str(line["source"]) for line in lines))))


def _answer(made: _Made) -> dict[str, object]:
    return {"page_numbers": list(made.page_numbers), "source": made.source}


def _questions(document: CorpusDocument, cache: Path, count: int) -> Iterator[_Made]:
    texts = read_texts([document], cache, IngestSettings())
    chance = random.Random(document.document_id)  # the same questions every time
    phrases = [_phrases(text) for text in texts]
    pages_of = Counter(phrase for each in phrases for phrase in set(each))
    title = document.path.stem.replace("_", " ")

    def asked(text: str) -> str:
        return f"{text} in {title}?" if chance.random() < 1 / 2 else f"{text}?"

    for n in sorted(chance.sample(range(len(texts)), min(count, len(texts)))):
        shared = [phrase for phrase in phrases[n] if 1 < pages_of[phrase] <= len(texts) / 2]
        own = [phrase for phrase in phrases[n] if pages_of[phrase] == 1]
        if shared:
            yield _Made(
                asked(f"What does page {_called(n, texts[n], chance)} say about {chance.choice(shared)}"),
                [n + 1],
                "page",
            )
        others = [other for other in range(1, len(texts) + 1) if abs(other - n - 1) >= _FAR]
        if own and others:
            told = f"What does page {chance.choice(others)} say about {chance.choice(own)}"
            yield _Made(asked(told), [n + 1], "wrong")
        yield _Made(asked(f"{chance.choice(_SEEN)} on page {_called(n, texts[n], chance)}"), [n + 1], "seen")


def _phrases(text: str) -> list[str]:
    """Two words next to each other."""
    return [f"{a} {b}".lower() for line in text.splitlines() for a, b in pairwise(_WORD.findall(line))]


def _called(n: int, text: str, chance: random.Random) -> int:
    """The page's number, or in half of the cases the one that it prints."""
    printed = _PRINTED.search(text)
    return int(printed[1]) if printed and chance.random() < 1 / 2 else n + 1


if __name__ == "__main__":
    typer.run(main)

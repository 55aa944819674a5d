"""What combinations of the page reader and a text model find, how fast, and at how many bytes a page.

    python -m benchmarks.models ../shared/data/dev --text-model MODEL [--cache DIR] [--only NAME ...]

FOLDER is one that `vdr evaluate` takes, MODEL a Sentence Transformers checkpoint that takes texts and gives
one vector; its token vectors are what the late-interaction combinations compare. Each combination has an
index of its own in the cache and is searched as it would be served: hybrid, reranked where it can be. The
last line is one JSON object.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from sentence_transformers import MultiVectorEncoder
from sentence_transformers.base.modules import Normalize, Transformer

from training.evaluate.corpus import DEFAULT_CACHE
from training.evaluate.result import Evaluation
from training.evaluate.run import Task, evaluate_folder
from training.evaluate.scores import NDCG
from training.evaluate.systems import BASELINE, Scope
from vdr.models.embedder import load_embedder
from vdr.settings import PAGE_READER, Settings, read_settings

_SYSTEMS = ("hybrid+rerank", "hybrid")  # the first of them that there is
_TOKENS = "token_embeddings"
_POOLED = (2.0, 4.0)


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with pdfs/ and queries.jsonl.")],
    text_model: Annotated[str, typer.Option(help="Checkpoint that takes texts and gives one vector.")],
    cache: Annotated[Path, typer.Option(help="Where indexed pages are kept.")] = DEFAULT_CACHE,
    documents: Annotated[int | None, typer.Option(min=1, help="Use only the first N PDFs.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Only combinations of this name.")] = None,
) -> None:
    """Evaluate one combination after the other."""
    figures: dict[str, Any] = {"benchmark": "models", "text_model": Path(text_model).name}
    with TemporaryDirectory() as made:
        tokens = _token_model(text_model, Path(made) / "tokens")
        for name, chosen in _combinations(text_model, str(tokens)):
            if only and name not in only:
                continue
            task = Task(folder, cache=cache, first_documents=documents, dims=())
            found = evaluate_folder(task, _with(chosen), load_embedder, typer.echo).evaluation
            figures |= {"pages": found.conditions.pages, "questions": found.conditions.questions}
            figures.setdefault(BASELINE, _quality(found, BASELINE))
            figures[name] = _told(found)
            typer.echo(f"{name}: {json.dumps(figures[name])}")
    typer.echo(json.dumps(figures))


def _combinations(text_model: str, tokens: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Settings of the models, by what they are called here."""
    yield PAGE_READER, {"embedder": PAGE_READER}
    yield "text model alone", {"embedder": text_model, "reader": None}
    yield "text model, pages read", {"embedder": text_model}
    yield "page-reader and text model", {"embedder": f"{PAGE_READER},{text_model}"}
    yield "late interaction, pages read", {"embedder": tokens}
    yield "page-reader and late interaction", {"embedder": f"{PAGE_READER},{tokens}"}
    for factor in _POOLED:
        yield f"late interaction pooled by {factor:g}, pages read", {"embedder": tokens, "pooling": factor}


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
        "pages_per_s": None if found.costs.pages_per_s is None else round(found.costs.pages_per_s, 2),
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

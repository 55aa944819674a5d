"""What fine-tuning a page reader changes elsewhere: its one vector, on questions it has nothing to do with.

    python -m benchmarks.tuned_reader FOLDER CACHE MODEL [MODEL ...]

FOLDER has pdfs/ and queries.jsonl; CACHE is where `vdr evaluate` keeps what it indexed of it. Fine-tuning
does not change what is read, so each model embeds the stored words again; the first is the base.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from sentence_transformers import SentenceTransformer

from training.evaluate.documents import Documents, find_documents
from training.evaluate.questions import Question, read_questions
from training.fit.data import EvalQuestions
from training.fit.evaluator import embed
from training.fit.ranking import Quality, at_every_dimension
from training.fit.views import ImageViews
from vdr.environment import read_settings
from vdr.models.checkpoint import open_checkpoint
from vdr.models.query_embedder import folder_of
from vdr.objects.store import ObjectStore
from vdr.page_reader.modules import PageImage
from vdr.settings import IndexSettings
from vdr.types import Word

_BATCH = 64


class StoredPages:
    """Stands for page images that a reader knows by their ids and so never looks at."""

    def image(self, page_id: str) -> Image.Image:
        """An image of one pixel, which says which page it is."""
        image = Image.new("L", (1, 1))
        image.info["page_id"] = page_id
        return image


def main() -> None:
    """Measures every model at every dimension, and prints the differences to the first."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    documents = find_documents(options.folder, read_settings().ingest)
    questions = _questions(read_questions(options.folder), documents)
    words = dict(_stored_words(documents, options.cache))
    measured = [_measure(model, questions, words) for model in options.models]
    print(json.dumps({"benchmark": "tuned_reader", "systems": list(_told(options.models, measured))}))


def _measure(model: str, questions: EvalQuestions, words: dict[str, list[Word]]) -> dict[int, Quality]:
    reader = open_checkpoint(folder_of(model), "cpu")
    _page_image(reader).memory = words
    views = ImageViews(StoredPages())  # type: ignore[arg-type]
    dims = [(reader.get_embedding_dimension() or 0) >> halvings for halvings in range(6)]
    return at_every_dimension(embed(reader, questions, views, _BATCH), dims, questions)


def _told(models: list[str], measured: list[dict[int, Quality]]) -> Iterator[dict[str, object]]:
    for model, each in zip(models, measured, strict=True):
        for dims, quality in each.items():
            told: dict[str, object] = {"model": model, "dims": dims, **quality.summary().model_dump()}
            gain = quality.gain_over(measured[0][dims]).model_dump()
            yield told if each is measured[0] else {**told, "gain": gain}


def _questions(asked: list[Question], documents: Documents) -> EvalQuestions:
    keys = documents.pages
    return EvalQuestions(
        queries={question.query_id: question.text for question in asked},
        relevant={
            question.query_id: {
                f"{documents.by_name[question.document].document_id}:{n}" for n in question.page_numbers
            }
            for question in asked
        },
        page_ids=[f"{page.document_id}:{page.page_number}" for page in keys],
        documents=[page.document_id for page in keys],
        texts=[""] * len(keys),
    )


def _stored_words(documents: Documents, cache: Path) -> Iterator[tuple[str, list[Word]]]:
    objects = ObjectStore.open(IndexSettings(data_dir=cache), "evaluate", "g1")
    for page in documents.pages:
        words = objects.page_words(page).read
        yield f"{page.document_id}:{page.page_number}", list(words)


def _page_image(model: SentenceTransformer) -> PageImage:
    return next(module for module in model.modules() if isinstance(module, PageImage))


if __name__ == "__main__":
    main()

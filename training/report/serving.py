"""How the model of a run is put to use: commands or code to copy, and what to know about them."""

import shlex
from dataclasses import dataclass

from training.fit.run_folder import RunFolder
from training.report.facts import EMBEDDER, RERANKER
from vdr.models.checkpoint import is_page_reader

_COMPARED = """\
from sentence_transformers import MultiVectorEncoder

model = MultiVectorEncoder({path!r})
scores = model.similarity(model.encode_query([question]), model.encode_document(page_images))"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What to run, under which heading, and a remark on it."""

    title: str
    code: str
    remark: str


def how_to_use(folder: RunFolder, kind: str) -> Usage:
    """Commands that serve the model; Python where no service takes such a model."""
    path = str(folder.model)
    if kind == RERANKER:
        code = f"export VDR_RERANKER={shlex.quote(path)}\nvdr serve"
        return Usage("Serve it", code, "It reranks what any embedder finds; nothing is indexed again.")
    if kind == EMBEDDER or is_page_reader(folder.model):  # which gives single vectors beside its codes
        data = f"data-{folder.root.absolute().name}"
        variables = f"VDR_EMBEDDER={shlex.quote(path)} VDR_DATA_DIR={shlex.quote(data)}"
        return Usage(
            "Serve it",
            f"export {variables}\nvdr index my-pdfs\nvdr serve",
            "An index belongs to the model that made it, so the pages are indexed again, into a folder of "
            "their own. The old index stays as it is, and unsetting both variables goes back to it.",
        )
    remark = f"vdr serve takes embedders and rerankers. A {kind} goes behind one, in a program of yours."
    return Usage("Use it", _COMPARED.format(path=path), remark)

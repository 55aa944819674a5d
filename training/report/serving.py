"""How the model of a run is put to use: commands or code to copy, and what to know about them."""

import shlex
from dataclasses import dataclass

from training.fit.run_folder import RunFolder
from training.report.facts import EMBEDDER, RERANKER
from vdr.models.own_modules import is_page_reader

_COMPARED = """\
from sentence_transformers import MultiVectorEncoder

model = MultiVectorEncoder({path!r})
scores = model.similarity(model.encode_query([question]), model.encode_document(pages))"""


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
        return Usage(
            "Serve it", code, "It reranks the results of any embedder; nothing needs to be indexed again."
        )
    if kind == EMBEDDER or is_page_reader(folder.model):  # which gives single vectors beside its codes
        data = f"data-{folder.root.absolute().name}"
        variables = f"VDR_EMBEDDER={shlex.quote(path)} VDR_DATA_DIR={shlex.quote(data)}"
        return Usage(
            "Serve it",
            f"export {variables}\nvdr index my-pdfs\nvdr serve",
            "An index belongs to the model that built it, so the pages are indexed again, in a folder of "
            "their own. The old index stays unchanged: unset both variables to go back to it.",
        )
    remark = (
        f"vdr serve supports embedders and rerankers. Use a {kind} after one of these, in your own program."
    )
    return Usage("Use it", _COMPARED.format(path=path), remark)

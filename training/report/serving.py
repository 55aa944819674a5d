"""How the model of a run is put to use, as commands or code to copy."""

import shlex

from training.fit.run_folder import RunFolder
from training.report.facts import EMBEDDER, RERANKER
from vdr.models.checkpoint import is_page_reader

_LOADED = """\
from sentence_transformers import {name}

model = {name}({path!r})
{use}"""
_RERANK = "scores = model.predict([(question, page_image) for page_image in candidates])"
_COMPARE = "scores = model.similarity(model.encode_query([question]), model.encode_document(page_images))"


def is_served(folder: RunFolder, kind: str) -> bool:
    """Whether `vdr serve` takes it: embedders, and every page reader, which gives single vectors as well."""
    return kind == EMBEDDER or is_page_reader(folder.model)


def how_to_use(folder: RunFolder, kind: str) -> str:
    """Commands that serve the model with an index of its own; Python where no service takes such a model."""
    path = str(folder.model)
    if is_served(folder, kind):
        data = f"data-{folder.root.absolute().name}"
        variables = f"VDR_EMBEDDER={shlex.quote(path)} VDR_DATA_DIR={shlex.quote(data)}"
        return f"export {variables}\nvdr index my-pdfs\nvdr serve"
    if kind == RERANKER:
        return _LOADED.format(name="CrossEncoder", path=path, use=_RERANK)
    return _LOADED.format(name="MultiVectorEncoder", path=path, use=_COMPARE)

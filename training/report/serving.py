"""How the model of a run is served: commands to copy, and what to know about them."""

import shlex
from dataclasses import dataclass

from training.fit.run_folder import RunFolder
from training.report.facts import RERANKER


@dataclass(frozen=True, slots=True)
class Usage:
    """What to run, and a remark on it."""

    code: str
    remark: str


def how_to_use(folder: RunFolder, kind: str) -> Usage:
    """Commands that serve the model."""
    path = str(folder.model)
    if kind == RERANKER:
        code = f"export VDR_RERANKER={shlex.quote(path)}\nvdr serve"
        return Usage(code, "It reranks the results of any embedder; nothing needs to be indexed again.")
    data = f"data-{folder.root.absolute().name}"
    variables = f"VDR_EMBEDDER={shlex.quote(path)} VDR_DATA_DIR={shlex.quote(data)}"
    return Usage(
        f"export {variables}\nvdr index my-pdfs\nvdr serve",
        "An index belongs to the model that built it, so the pages are indexed again, in a folder of "
        "their own. The old index stays unchanged: unset both variables to go back to it.",
    )

"""Opens Sentence Transformers checkpoints, and runs none of the code that they may carry."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError

import torch
from safetensors import SafetensorError
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer

from vdr.errors import ModelError
from vdr.page_reader.modules import PageImage, QueryText, WordSuperposition

# Whatever the libraries that read a checkpoint's files have been seen to raise over broken ones.
_UNREADABLE = (
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    SafetensorError,
    UnpicklingError,
)
_OWN_MODULES = frozenset(
    f"{kind.__module__}.{kind.__name__}" for kind in (PageImage, QueryText, WordSuperposition)
)
_CHECK_RERANKER = (
    "Set VDR_RERANKER (when training, model.base) to the folder or Hub name of a Sentence Transformers"
    " cross-encoder that takes images."
)
_INSTALL = "Install them; for images, pip install 'sentence-transformers[image]'."


def open_checkpoint(path: str, device: str | None) -> SentenceTransformer:
    """The checkpoint in a folder or with a Hub name, on `device` or the best one available.

    Raises ModelError when it cannot be loaded, wants code that is not installed here, or takes no images.
    """
    with _opening(path):
        ours = is_page_reader(Path(path))
        # The page reader prepares its tensors where it runs best: on the CPU.
        model = _load(path, "cpu" if ours else device or _best_device(), trusted=ours)
    _check_images(model, path, "embed")
    return model.eval()


def open_multi_vector(path: str, device: str | None) -> MultiVectorEncoder:
    """The late-interaction checkpoint in a folder or with a Hub name. Raises as `open_checkpoint`."""
    with _opening(path):
        model = MultiVectorEncoder(path, device=device, local_files_only=_is_folder(path))
    _check_images(model, path, "embed")
    return model


def open_cross_encoder(path: str, device: str | None) -> CrossEncoder:
    """The cross-encoder in a folder or with a Hub name, on `device` or the best one available.

    Raises ModelError when it cannot be loaded, takes no images or gives more than one score a page.
    """
    device = device or _best_device()
    with _opening(path, " as a reranker", _CHECK_RERANKER):
        model: CrossEncoder = CrossEncoder(
            path,
            device=device,
            model_kwargs={"dtype": _dtype(device)},
            local_files_only=_is_folder(path),
        )
    _check_images(model, path, "rerank", _CHECK_RERANKER)
    if model.num_labels != 1:
        raise ModelError(
            f"{path} gives {model.num_labels} scores per page; a reranker gives one.", remedy=_CHECK_RERANKER
        )
    return model.eval()


def is_late_interaction(path: str) -> bool:
    """Whether the checkpoint in a folder says that it gives many vectors a page."""
    file = Path(path) / "config_sentence_transformers.json"
    return file.is_file() and json.loads(file.read_text()).get("model_type") == "MultiVectorEncoder"


def is_page_reader(folder: Path) -> bool:
    """Whether every module of a checkpoint is one of the page reader's, or a Router of them.

    Sentence Transformers asks for trust before it imports any module but its own; for the page reader's,
    installed with this package, it is answered here. Nothing else may come along: with trust, a Transformer
    would run Python files of the checkpoint.
    """
    if not (folder / "modules.json").is_file():
        return False
    types = [module["type"] for module in json.loads((folder / "modules.json").read_text())]
    types += _routed(folder)
    return any(name in _OWN_MODULES for name in types) and all(
        name in _OWN_MODULES or (name.startswith("sentence_transformers.") and name.endswith(".Router"))
        for name in types
    )


def _routed(folder: Path) -> Iterator[str]:
    """The modules that Routers bring in: listed in any folder, in a file of an old name or a new one."""
    for file in folder.rglob("*config.json"):
        config = json.loads(file.read_text())
        if "types" in config:
            yield from config["types"].values()


@contextmanager
def _opening(path: str, role: str = "", remedy: str | None = None) -> Iterator[None]:
    """Turns what goes wrong while a checkpoint is loaded into ModelError."""
    try:
        yield
    except ImportError as error:
        raise ModelError(
            f"{path} needs packages that are not installed: {_reason(error)}", remedy=_INSTALL
        ) from error
    except _UNREADABLE as error:
        raise ModelError(f"{path} cannot be loaded{role}: {_reason(error)}", remedy=remedy) from error


def _check_images(
    model: SentenceTransformer | MultiVectorEncoder | CrossEncoder,
    path: str,
    purpose: str,
    remedy: str | None = None,
) -> None:
    if not model.supports("image"):
        raise ModelError(f"{path} does not take images, so it cannot {purpose} pages.", remedy=remedy)


def _load(path: str, device: str, *, trusted: bool) -> SentenceTransformer:
    return SentenceTransformer(
        path,
        device=device,
        model_kwargs={"dtype": _dtype(device)},
        trust_remote_code=trusted,
        local_files_only=_is_folder(path),
    )


def _is_folder(path: str) -> bool:
    """Whether it is no Hub name: Sentence Transformers would ask the Hub whether it knows `models/tuned`."""
    return Path(path).is_dir()


def _dtype(device: str) -> torch.dtype:
    return torch.bfloat16 if device.startswith("cuda") else torch.float32


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "mps" if torch.mps.is_available() else "cpu"


def _reason(error: Exception) -> str:
    """The first sentence of what a library said, on one line."""
    sentence = " ".join(str(error).split()).split(". ")[0].rstrip(".")
    return f"{sentence or type(error).__name__}."

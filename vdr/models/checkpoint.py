"""Opens Sentence Transformers checkpoints, and runs none of the code that they may carry."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from safetensors import SafetensorError
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer
from transformers.utils.import_utils import is_flash_attn_2_available
from transformers.utils.logging import disable_progress_bar

from vdr.distribution import pip_install
from vdr.errors import BadSetting, ModelError
from vdr.models.hub import Located, locate
from vdr.models.own_modules import is_page_reader, is_text_encoder
from vdr.settings import Precision
from vdr.types import Attention

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
_CHECK_RERANKER = (
    "Set VDR_RERANKER (when training, model.base) to the folder or Hub name of a Sentence Transformers"
    " cross-encoder that takes images or texts."
)
# ColPali, ColQwen2_5, ColPaliForRetrieval, HF_ColBERT, ColQwen2Processor: the class of a model or processor.
_LATE_INTERACTION_CLASS = re.compile(r"(?:HF_)?Col[A-Z]")
_LATE_INTERACTION_KINDS = frozenset({"MultiVectorEncoder", "ColBERT"})  # the latter of PyLate
_PYLATE = "pylate."
_OF_EMBEDDERS = frozenset({"Pooling", "Normalize"})  # modules that make vectors
_PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json", "tokenizer_config.json")
_NO_FLASH = (
    "Set VDR_ATTENTION=sdpa, which computes the same; or pip install flash-attn --no-build-isolation, and"
    " leave VDR_PRECISION unset."
)
_CHECK_ONE_VECTOR = (
    "Set VDR_EMBEDDER to a checkpoint that gives one vector per page, such as Qwen/Qwen3-VL-Embedding-2B."
)


def open_checkpoint(
    path: str | Located,
    device: str | None,
    precision: Precision = Precision.AUTO,
    attention: Attention = Attention.AUTO,
    remedy: str | None = None,
) -> SentenceTransformer:
    """The checkpoint in a folder or with a Hub name, on `device` or the best one available.

    It takes images, or else texts: `supports` tells. Raises ModelError when it cannot be loaded, with the
    `remedy` if one is given, wants code that is not installed here, takes neither, gives many vectors a page,
    or scores and no vectors; BadSetting where this machine cannot compute attention in that way.
    """
    at = locate(path)
    _refuse_reranker(at)
    with _one_vector_a_page(at), _opening(at.path, remedy=remedy):
        reads = is_page_reader(Path(at.path))
        # The page reader prepares its tensors where it runs best: on the CPU.
        chosen = ("cpu", Precision.FLOAT32, Attention.AUTO)
        if not reads:
            chosen = (device or _best_device(), precision, attention)
        model = _load(at, *chosen, trusted=reads or is_text_encoder(Path(at.path)))
    _check_pages(model, at.path)
    return model.eval()


def open_multi_vector(
    path: str | Located,
    device: str | None,
    precision: Precision = Precision.AUTO,
    attention: Attention = Attention.AUTO,
) -> MultiVectorEncoder:
    """The late-interaction checkpoint in a folder or with a Hub name. Raises as `open_checkpoint`."""
    at, device = locate(path), device or _best_device()
    with _opening(at.path):
        model = MultiVectorEncoder(
            at.path,
            device=device,
            model_kwargs=_computed(device, precision, attention),
            revision=at.revision,
            local_files_only=at.is_here,
        )
    _check_pages(model, at.path)
    return model


def open_cross_encoder(
    path: str,
    device: str | None,
    precision: Precision = Precision.AUTO,
    attention: Attention = Attention.AUTO,
) -> CrossEncoder:
    """The cross-encoder in a folder or with a Hub name, on `device` or the best one available.

    It takes images, or else texts: `supports` tells. Raises ModelError when it cannot be loaded or gives more
    than one score a page, and BadSetting as `open_checkpoint`.
    """
    device, at = device or _best_device(), locate(path)
    _refuse_embedder(at)
    with _one_vector_a_page(at, _CHECK_RERANKER), _opening(path, " as a reranker", _CHECK_RERANKER):
        model: CrossEncoder = CrossEncoder(
            path,
            device=device,
            model_kwargs=_computed(device, precision, attention),
            revision=at.revision,
            local_files_only=at.is_here,
        )
    _refuse_embedder(at)  # of a Hub name whose files are here only now
    if model.num_labels != 1:
        raise ModelError(
            f"{path} gives {model.num_labels} scores per page; a reranker gives one.", remedy=_CHECK_RERANKER
        )
    return model.eval()


def is_late_interaction(path: str | Located) -> bool:
    """Whether the checkpoint says that it gives many vectors a page.

    Sentence Transformers notes the kind of a model, and so does PyLate, or else it is known by its modules;
    what Transformers and colpali-engine save is known by the names of its classes, adapters by that of their
    processor.
    """
    at = locate(path)
    kind = _read_json(at, "config_sentence_transformers.json").get("model_type")
    if kind is not None:
        return str(kind) in _LATE_INTERACTION_KINDS
    if any(name.startswith(_PYLATE) for name in _modules(at)):
        return True
    classes = list(_read_json(at, "config.json").get("architectures") or ())
    classes += [_read_json(at, file).get("processor_class") or "" for file in _PROCESSOR_FILES]
    return any(_LATE_INTERACTION_CLASS.match(str(name)) for name in classes)


@contextmanager
def _one_vector_a_page(at: Located, remedy: str | None = None) -> Iterator[None]:
    """Refuses what is searched by late interaction, which loads all the same, as one vector or one score.

    A folder is refused before it is loaded, a Hub name as soon as its files are here.
    """
    _refuse_late_interaction(at, remedy)
    try:
        yield
    finally:
        _refuse_late_interaction(at, remedy)


def _refuse_late_interaction(at: Located, remedy: str | None) -> None:
    if is_late_interaction(at):
        raise ModelError(
            f"{at.path} gives many vectors per page (late interaction, as ColPali and ColQwen do),"
            " where one is needed.",
            remedy=remedy or _CHECK_ONE_VECTOR,
        )


def _refuse_reranker(at: Located) -> None:
    """Refuses what gives scores: it loads all the same, as an embedder that nobody has trained."""
    kind = _read_json(at, "config_sentence_transformers.json").get("model_type")
    classes = map(str, _read_json(at, "config.json").get("architectures") or ())
    is_classifier = any(name.endswith("ForSequenceClassification") for name in classes)
    if kind == "CrossEncoder" or (kind is None and is_classifier and not _read_file(at, "modules.json")):
        raise ModelError(
            f"{at.path} gives scores, not vectors.",
            remedy="Set VDR_RERANKER to it, and VDR_EMBEDDER to a checkpoint that embeds.",
        )


def _refuse_embedder(at: Located) -> None:
    """Refuses what gives vectors, as far as its files are here: it loads all the same, with a random head."""
    if {name.rpartition(".")[2] for name in _modules(at)} & _OF_EMBEDDERS:
        raise ModelError(f"{at.path} gives vectors, not scores.", remedy=_CHECK_RERANKER)


def _modules(at: Located) -> list[str]:
    """The types of a checkpoint's modules, as far as they are told."""
    listed = _read_file(at, "modules.json")
    told = listed if isinstance(listed, list) else []
    return [str(each.get("type")) for each in told if isinstance(each, dict)]


def _read_json(at: Located, name: str) -> dict[str, Any]:
    """A JSON object among the files of a checkpoint; empty where there is none or it cannot be read."""
    read = _read_file(at, name)
    return read if isinstance(read, dict) else {}


def _read_file(at: Located, name: str) -> Any:  # noqa: ANN401 - whatever JSON has
    """What a JSON file of a checkpoint holds; None without one that can be read."""
    try:
        file = at.file(name)
        return json.loads(Path(file).read_text()) if file else None
    except (OSError, ValueError):  # loading the checkpoint says what is wrong with it
        return None


@contextmanager
def _opening(path: str, role: str = "", remedy: str | None = None) -> Iterator[None]:
    """Turns what goes wrong while a checkpoint is loaded into ModelError, and draws no bars of it."""
    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    except ImportError as error:
        raise ModelError(
            f"{path} needs packages that are not installed: {_reason(error)}", remedy=_install(error)
        ) from error
    except _UNREADABLE as error:
        raise ModelError(f"{path} cannot be loaded{role}: {_reason(error)}", remedy=remedy) from error


def _check_pages(model: SentenceTransformer | MultiVectorEncoder, path: str) -> None:
    if not (model.supports("image") or model.supports("text")):
        raise ModelError(f"{path} takes neither images nor texts, so it cannot embed pages.")


def _load(
    at: Located, device: str, precision: Precision, attention: Attention, *, trusted: bool
) -> SentenceTransformer:
    return SentenceTransformer(
        at.path,
        device=device,
        model_kwargs=_computed(device, precision, attention),
        trust_remote_code=trusted,
        revision=at.revision,
        local_files_only=at.is_here,
    )


def _computed(device: str, precision: Precision, attention: Attention) -> dict[str, Any]:
    """How Transformers is to compute. Raises BadSetting where it could not, or would fetch code for it."""
    dtype = _dtype(device, precision)
    if attention is Attention.FLASH_2:
        can = device.startswith("cuda") and is_flash_attn_2_available()
        if not can or dtype is torch.float32:
            needs = "bfloat16 or float16" if can else "an NVIDIA GPU and the package flash-attn"
            raise BadSetting(f"VDR_ATTENTION={attention} needs {needs}.", remedy=_NO_FLASH)
    return {"dtype": dtype} | ({} if attention is Attention.AUTO else {"attn_implementation": str(attention)})


def _dtype(device: str, precision: Precision) -> torch.dtype:
    if precision is Precision.AUTO:
        return torch.bfloat16 if device.startswith("cuda") else torch.float32
    dtype: torch.dtype = getattr(torch, precision)
    return dtype


def _best_device() -> str:
    return "cuda" if torch.cuda.is_available() else "mps" if torch.mps.is_available() else "cpu"


def _install(error: ImportError) -> str:
    """What to install: the torchvision that fits torch as it is, because no other can be imported."""
    if "torchvision" not in str(error).lower():
        return "Install them."
    build = torch.__version__.partition("+")[2]
    index = f" --extra-index-url https://download.pytorch.org/whl/{build}" if build else ""
    return f"Install them with: {pip_install('qwen')} torch=={torch.__version__}{index}"


def _reason(error: Exception) -> str:
    """The first sentence of what a library said, on one line."""
    sentence = " ".join(str(error).split()).split(". ")[0].rstrip(".")
    return f"{sentence or type(error).__name__}."

"""Has OpenVINO run the encoder of a checkpoint for texts where that is faster, with the same vectors.

Measured in docs/decisions/0020-backends.md. ONNX Runtime does it where it is asked for. The backends
of Sentence Transformers need packages of Optimum, which ask for an older Transformers.
"""

import logging
import platform
from typing import Any

import torch
from sentence_transformers import CrossEncoder, MultiVectorEncoder, SentenceTransformer
from sentence_transformers.base.modules import Transformer

from vdr.distribution import pip_install
from vdr.errors import ModelError
from vdr.models.compiled_cache import NotConvertible, load_compiled
from vdr.models.engines import OnnxEngine, OpenVinoEngine, missing_for_onnx
from vdr.settings import Backend

_LOG = logging.getLogger(__name__)
# Tiny encoders of these kinds gave what torch gives; each checkpoint is compared all the same.
_KNOWN = frozenset(
    {
        "albert",
        "bert",
        "camembert",
        "deberta-v2",
        "distilbert",
        "electra",
        "modernbert",
        "mpnet",
        "roberta",
        "xlm-roberta",
    }
)
_MEASURED = frozenset({"x86_64", "AMD64"})
_REMEDY = "Set VDR_BACKEND=auto, which has torch run what others cannot."

AnyModel = SentenceTransformer | MultiVectorEncoder | CrossEncoder


def choose_backend(model: AnyModel, name: str, backend: Backend, mark: str) -> None:
    """Replace the encoder of a checkpoint for texts by one that another engine runs, if the setting says so.

    `mark` is the checkpoint's fingerprint: what was compiled is kept by it. Raises ModelError if the setting
    is `openvino` or `onnx` and that cannot run it or is not installed.
    """
    first: Any = model[0]
    if backend is Backend.TORCH or model.supports("image"):
        return
    if backend is Backend.AUTO and not _is_faster(first):
        return
    engine = _onnx() if backend is Backend.ONNX else OpenVinoEngine()
    try:
        if not _is_plain(first):
            raise NotConvertible("it is no encoder of texts in float32 on a CPU")
        first.model = load_compiled(first, mark, engine)
    except NotConvertible as error:
        if backend is not Backend.AUTO:
            what = "ONNX Runtime" if backend is Backend.ONNX else "OpenVINO"
            raise ModelError(f"{what} cannot run {name}: {error}.", remedy=_REMEDY) from error
        _LOG.warning("%s is run by torch, as OpenVINO cannot run it: %s.", name, error)


def _onnx() -> OnnxEngine:
    if missing := missing_for_onnx():
        raise ModelError(
            f"VDR_BACKEND=onnx needs packages that are not installed: {', '.join(missing)}.",
            remedy=f"Install them with: {pip_install('onnx')}, or set VDR_BACKEND=auto.",
        )
    return OnnxEngine()


def _is_faster(first: Any) -> bool:  # noqa: ANN401 - whatever module comes first
    return (
        platform.machine() in _MEASURED
        and _is_plain(first)
        and getattr(first.model.config, "model_type", None) in _KNOWN
    )


def _is_plain(first: Any) -> bool:  # noqa: ANN401
    """Whether it is Transformers' encoder with texts in and one output out, in float32 on the CPU."""
    return (
        type(first) is Transformer
        and first.model.device.type == "cpu"
        and first.model.dtype is torch.float32
        and "text" in first.modality_config
    )

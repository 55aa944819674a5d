"""Encoders converted for OpenVINO, kept beside the Hub's downloads: only the first start converts."""

import hashlib
import logging
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from filelock import FileLock
from huggingface_hub import constants

from vdr.files import make_folder_whole
from vdr.models.compiled_encoder import CompiledEncoder
from vdr.nets import FIRST_USE, OPTIONS, SideBySide

_LOG = logging.getLogger(__name__)
_NET = "encoder.xml"
# What tracing and converting an encoder of an unknown kind have been seen to raise.
_FAILURES = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError)
_LENGTHS = (1, 31, 300)  # of the texts to compare: the last is longer than the window of local attention
_TOLERANCE = 1e-3  # of the largest output; float32 in another order is below 1e-5
_TRACED = (2, 9)  # (texts, tokens), both without meaning


class NotConvertible(Exception):
    """OpenVINO cannot run an encoder, or gives something else than torch."""


def load_compiled(module: Any, mark: str) -> CompiledEncoder:  # noqa: ANN401 - Sentence Transformers' Transformer
    """The encoder of a `Transformer`, compiled, from the cache or for it.

    Whatever its origin, it is compared with torch on a few texts. Raises NotConvertible.
    """
    folder = cache_folder() / _key(mark)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            return _kept(module, folder) or _new(module, folder)
    except OSError as error:
        _LOG.warning("Cannot keep compiled encoders in %s: %s. Each start converts them.", folder, error)
        return _checked(module, _converted(module))


def cache_folder() -> Path:
    """Where compiled encoders are kept: below HF_HOME, as the Hub's downloads are."""
    return Path(constants.HF_HOME) / "vdr-compiled"


def _key(mark: str) -> str:
    import openvino  # noqa: PLC0415 - takes part of a second, and most models need none of it

    made_by = f"{mark} {openvino.__version__} {torch.__version__} {transformers.__version__}"
    return hashlib.sha256(made_by.encode()).hexdigest()[:32]


def _kept(module: Any, folder: Path) -> CompiledEncoder | None:  # noqa: ANN401
    """What the cache has; None if it has nothing, or something damaged."""
    if not (folder / _NET).exists():
        return None
    try:
        return _checked(module, folder / _NET)
    except (NotConvertible, *_FAILURES):
        _LOG.warning("%s is damaged, and made again.", folder)
        return None


def _new(module: Any, folder: Path) -> CompiledEncoder:  # noqa: ANN401
    import openvino  # noqa: PLC0415

    net = _converted(module)
    shutil.rmtree(folder, ignore_errors=True)
    make_folder_whole(folder, lambda draft: openvino.save_model(net, draft / _NET, compress_to_fp16=False))
    return _checked(module, folder / _NET)


def _converted(module: Any) -> Any:  # noqa: ANN401
    """The encoder as OpenVINO's model, for any number of texts of any length."""
    import openvino  # noqa: PLC0415

    names = _input_names(module)
    example = tuple(torch.ones(_TRACED, dtype=torch.int64) for _ in names)
    # Traced, not exported: torch.export takes two to four times as long. The warnings are about what depends
    # on the example's values, which is why the outcome is compared with torch.
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return openvino.convert_model(
                _ByPlace(module.model, names, _output(module)), example_input=example
            )
    except _FAILURES as error:
        raise NotConvertible(_first_line(error)) from error


def _checked(module: Any, net: Any) -> CompiledEncoder:  # noqa: ANN401
    """A net, or the one in a file, compiled and compared with torch. Raises NotConvertible."""
    import openvino  # noqa: PLC0415

    with FIRST_USE:
        compiled = openvino.Core().compile_model(net, "CPU", OPTIONS)
        # The tokens that a query is expanded by may be masked.
        runner = SideBySide(compiled, trims=module.query_expansion is None)
        encoder = CompiledEncoder(runner, module.model.config, _input_names(module), _output(module))
        if not _agree(encoder, module):
            raise NotConvertible("its outputs are not those of torch")
    return encoder.eval()


@torch.no_grad()
def _agree(encoder: CompiledEncoder, module: Any) -> bool:  # noqa: ANN401
    inputs = _texts_to_compare(module)
    key, mask = _output(module), inputs["attention_mask"]
    got, wanted = encoder(**inputs)[key], module.model(**inputs, return_dict=True)[key]
    if got.shape != wanted.shape:
        return False
    if got.ndim == 3:
        got, wanted = got[mask.bool()], wanted[mask.bool()]
    return bool((got - wanted).abs().max() <= _TOLERANCE * wanted.abs().max())


def _texts_to_compare(module: Any) -> dict[str, torch.Tensor]:  # noqa: ANN401
    """Inputs (texts, tokens) of any tokens, padded."""
    longest = min(_LENGTHS[-1], module.max_seq_length or _LENGTHS[-1])
    lengths = torch.tensor([min(length, longest) for length in _LENGTHS])
    mask = (torch.arange(longest) < lengths[:, None]).long()
    vocabulary = module.model.get_input_embeddings().num_embeddings
    ids = np.random.default_rng(0).integers(0, vocabulary, mask.shape)
    inputs = {name: torch.zeros_like(mask) for name in _input_names(module)}
    return {**inputs, "input_ids": torch.from_numpy(ids) * mask, "attention_mask": mask}


def _input_names(module: Any) -> list[str]:  # noqa: ANN401
    """The tensors that the encoder gets for a text, in the tokenizer's order."""
    features = module.preprocess(["a"])
    return [name for name, value in features.items() if torch.is_tensor(value) and value.ndim == 2]


def _output(module: Any) -> str:  # noqa: ANN401
    """The output that is taken from the encoder. Raises NotConvertible if it is not a plain one."""
    text = module.modality_config["text"]
    if text["method"] != "forward" or not isinstance(text["method_output_name"], str):
        raise NotConvertible(f"its output is {text['method_output_name']} of {text['method']}")
    return str(text["method_output_name"])


def _first_line(error: Exception) -> str:
    said = str(error).strip().splitlines()
    return said[0].rstrip(".") if said else type(error).__name__


class _ByPlace(torch.nn.Module):
    """An encoder that takes its inputs by place and gives one output, as tracing wants it."""

    def __init__(self, encoder: torch.nn.Module, names: list[str], key: str) -> None:
        super().__init__()
        self._encoder, self._names, self._key = encoder, names, key

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        named = dict(zip(self._names, inputs, strict=True))
        found: torch.Tensor = self._encoder(**named, return_dict=True)[self._key]
        return found

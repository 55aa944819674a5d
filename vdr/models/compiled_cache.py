"""Encoders converted for OpenVINO or ONNX, kept beside the Hub's downloads: only the first start converts."""

import hashlib
import logging
import shutil
import warnings
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import transformers
from filelock import FileLock
from huggingface_hub import constants

from vdr.files import make_folder_whole
from vdr.models.compiled_encoder import CompiledEncoder
from vdr.nets import FIRST_USE, SideBySide

_LOG = logging.getLogger(__name__)
# What tracing and converting an encoder of an unknown kind have been seen to raise.
_FAILURES = (RuntimeError, ValueError, TypeError, LookupError, AttributeError, AssertionError)
_LENGTHS = (1, 31, 300)  # of the texts to compare: the last is longer than the window of local attention
_TOLERANCE = 1e-3  # of the largest output; float32 in another order is below 1e-5


class NotConvertible(Exception):
    """An engine cannot run an encoder, or gives something else than torch."""


class Engine(Protocol):
    """What runs converted encoders; `file` is the name that they are kept by."""

    file: str

    def failures(self) -> tuple[type[Exception], ...]:
        """What it raises over encoders that it cannot run, beside what others do."""
        ...

    def version(self) -> str:
        """What a converted encoder depends on."""
        ...

    def convert(self, encoder: torch.nn.Module, names: list[str]) -> Any:  # noqa: ANN401 - of its own kind
        """An encoder that takes the inputs of these names by place, for any number of texts of any length."""
        ...

    def save(self, net: Any, file: Path) -> None:  # noqa: ANN401
        """Write what was converted."""
        ...

    def compiled(self, net: Any) -> Any:  # noqa: ANN401
        """What was converted, or the path of its file, as `SideBySide` takes it."""
        ...


def load_compiled(module: Any, mark: str, engine: Engine) -> CompiledEncoder:  # noqa: ANN401 - a Transformer
    """The encoder of a Sentence Transformers `Transformer`, compiled, from the cache or for it.

    Whatever its origin, it is compared with torch on a few texts. Raises NotConvertible.
    """
    folder = cache_folder() / _key(mark, engine)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            return _kept(module, folder, engine) or _new(module, folder, engine)
    except OSError as error:
        _LOG.warning("Cannot keep compiled encoders in %s: %s. Each start converts them.", folder, error)
        return _checked(module, _converted(module, engine), engine)


def cache_folder() -> Path:
    """Where compiled encoders are kept: below HF_HOME, as the Hub's downloads are."""
    return Path(constants.HF_HOME) / "vdr-compiled"


def _key(mark: str, engine: Engine) -> str:
    made_by = f"{mark} {engine.version()} {torch.__version__} {transformers.__version__}"
    return hashlib.sha256(made_by.encode()).hexdigest()[:32]


def _kept(module: Any, folder: Path, engine: Engine) -> CompiledEncoder | None:  # noqa: ANN401
    """What the cache has; None if it has nothing, or something damaged."""
    if not (folder / engine.file).exists():
        return None
    try:
        return _checked(module, folder / engine.file, engine)
    except (NotConvertible, *_FAILURES):
        _LOG.warning("%s is damaged, and made again.", folder)
        return None


def _new(module: Any, folder: Path, engine: Engine) -> CompiledEncoder:  # noqa: ANN401
    net = _converted(module, engine)
    shutil.rmtree(folder, ignore_errors=True)
    make_folder_whole(folder, lambda draft: engine.save(net, draft / engine.file))
    return _checked(module, folder / engine.file, engine)


def _converted(module: Any, engine: Engine) -> Any:  # noqa: ANN401
    """The encoder as an engine has it, for any number of texts of any length."""
    names = _input_names(module)
    failures: tuple[type[Exception], ...] = (*_FAILURES, *engine.failures())
    # The warnings are about what depends on the example's values, which is why the outcome is compared with
    # torch.
    try:
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return engine.convert(_ByPlace(module.model, names, _output(module)), names)
    except failures as error:
        raise NotConvertible(_first_line(error)) from error


def _checked(module: Any, net: Any, engine: Engine) -> CompiledEncoder:  # noqa: ANN401
    """A net, or the one in a file, compiled and compared with torch. Raises NotConvertible."""
    with FIRST_USE:
        try:
            # The tokens that a query is expanded by may be masked.
            runner = SideBySide(engine.compiled(net), trims=module.query_expansion is None)
            encoder = CompiledEncoder(runner, module.model.config, _input_names(module), _output(module))
            agrees = _agree(encoder, module)
        except engine.failures() as error:
            raise NotConvertible(_first_line(error)) from error
        if not agrees:
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

"""What runs converted encoders on a CPU: OpenVINO, or ONNX Runtime where the extra `onnx` is installed."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch

from vdr.nets import OPTIONS
from vdr.types import FloatArray

_SHAPE = (2, 9)  # (texts, tokens) of an example, both without meaning
_PACKAGES = ("onnx", "onnxruntime", "onnxscript")


def _examples(names: list[str]) -> tuple[torch.Tensor, ...]:
    return tuple(torch.ones(_SHAPE, dtype=torch.int64) for _ in names)


class OpenVinoEngine:
    """OpenVINO, which is a dependency."""

    file = "encoder.xml"

    def failures(self) -> tuple[type[Exception], ...]:
        """None of its own."""
        return ()

    def version(self) -> str:
        """That of the package."""
        import openvino  # noqa: PLC0415 - takes part of a second, and most models need none of it

        return str(openvino.__version__)

    def convert(self, encoder: torch.nn.Module, names: list[str]) -> Any:  # noqa: ANN401 - OpenVINO has no types
        """Traced, not exported: torch.export takes two to four times as long."""
        import openvino  # noqa: PLC0415

        return openvino.convert_model(encoder, example_input=_examples(names))

    def save(self, net: Any, file: Path) -> None:  # noqa: ANN401
        """In float32."""
        import openvino  # noqa: PLC0415

        openvino.save_model(net, file, compress_to_fp16=False)

    def compiled(self, net: Any) -> Any:  # noqa: ANN401
        """For the CPU."""
        import openvino  # noqa: PLC0415

        return openvino.Core().compile_model(net, "CPU", OPTIONS)


class OnnxEngine:
    """ONNX Runtime, of the extra `onnx`."""

    file = "encoder.onnx"

    def failures(self) -> tuple[type[Exception], ...]:
        """What the exporter and the runtime raise; the latter's have no class in common."""
        from onnxruntime.capi import onnxruntime_pybind11_state as state  # noqa: PLC0415
        from torch.onnx import OnnxExporterError  # noqa: PLC0415

        raised = [each for each in vars(state).values() if isinstance(each, type)]
        return (OnnxExporterError, *(each for each in raised if issubclass(each, Exception)))

    def version(self) -> str:
        """That of the runtime."""
        import onnxruntime  # noqa: PLC0415

        return f"onnxruntime {onnxruntime.__version__}"

    def convert(self, encoder: torch.nn.Module, names: list[str]) -> Any:  # noqa: ANN401 - an ONNXProgram
        """Exported: what is traced for ONNX gives something else once texts are padded."""
        dims = {0: torch.export.Dim("texts"), 1: torch.export.Dim("tokens")}
        with _quiet("torch.onnx"):
            return torch.onnx.export(
                encoder,
                _examples(names),
                input_names=names,
                dynamic_shapes=((dims,) * len(names),),
                dynamo=True,
                verbose=False,
            )

    def save(self, net: Any, file: Path) -> None:  # noqa: ANN401
        """In one file, or two where it is large."""
        file.parent.mkdir()
        net.save(file)

    def compiled(self, net: Any) -> "OnnxNet":  # noqa: ANN401
        """For the CPU, on all of its cores."""
        return OnnxNet(str(net) if isinstance(net, Path) else net.model_proto.SerializeToString())


class OnnxNet:
    """A session of ONNX Runtime, as `SideBySide` knows compiled nets: one run at once, on all cores."""

    def __init__(self, net: str | bytes) -> None:
        import onnxruntime  # noqa: PLC0415

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count() or 1
        options.log_severity_level = 3  # errors
        self._session = onnxruntime.InferenceSession(net, options, providers=["CPUExecutionProvider"])
        self._names = [each.name for each in self._session.get_inputs()]

    def get_property(self, name: str) -> int:
        """How many runs it is best given at once, the only one that is asked for."""
        return 1

    def create_infer_request(self) -> "_Run":
        """A run of its own."""
        return _Run(self)

    def output(self, inputs: list[Any]) -> FloatArray:
        """The only output for inputs in order."""
        found: FloatArray = self._session.run(None, dict(zip(self._names, inputs, strict=True)))[0]
        return found


class _Run:
    def __init__(self, net: OnnxNet) -> None:
        self._net = net
        self.output_tensors: list[Any] = []

    def start_async(self, inputs: list[Any]) -> None:
        made = self._net.output([np.ascontiguousarray(each) for each in inputs])
        self.output_tensors = [SimpleNamespace(data=made)]

    def wait(self) -> None:
        """It is done."""


def missing_for_onnx() -> list[str]:
    """The packages of the extra that are not installed."""
    return [name for name in _PACKAGES if find_spec(name) is None]


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Keeps warnings of a logger out of the log: about operators of packages that are not there."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)

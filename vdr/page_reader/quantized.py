"""The reader's two nets run by OpenVINO, the recognizer in eight bits: as many right words in half the time.

Jacob et al., Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
CVPR 2018. As many words are right as with 32 bits (docs/decisions/0006-compiled-nets.md). The nets lie in a
folder beside the weights that they were made from, with a digest of those.
"""

import hashlib
import shutil
import threading
from pathlib import Path
from typing import Any, Self

import torch

from vdr.nets import FIRST_USE
from vdr.page_reader.reading import PageReading, Reader

FOLDER = "quantized"
DETECTOR, RECOGNIZER = "detector.xml", "recognizer.xml"
DIGEST = "made-from.txt"
# Pages are read side by side, so each net has one thread and none waits for another. Pinned, as is the
# default, all of them would share the first core: 79 ms a page with two threads on two cores, 50 ms unpinned.
_OPTIONS = {"INFERENCE_NUM_THREADS": 1, "ENABLE_CPU_PINNING": False}


class QuantizedReader(PageReading):
    """Reads pages by the nets of a folder; each thread that asks compiles its own, at its first page."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own = threading.local()

    @classmethod
    def find(cls, folder: Path, reader: Reader) -> Self | None:
        """The nets in `folder`, where they are there and were made from the weights that `reader` has."""
        try:
            digest = (folder / DIGEST).read_text().strip()
        except FileNotFoundError:
            return None
        return cls(folder) if digest == weights_digest(reader) else None

    def detect(self, pages: torch.Tensor) -> torch.Tensor:
        """See PageReading."""
        (maps,) = self._run(DETECTOR, pages)
        return maps

    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See PageReading."""
        log_p, classes = self._run(RECOGNIZER, tapes)
        return log_p, classes

    def copy_to(self, folder: Path) -> None:
        """Writes the nets into another checkpoint with the same weights."""
        if folder.resolve() != self.folder.resolve():
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)

    def __reduce__(self) -> tuple[type[Self], tuple[Path]]:
        return type(self), (self.folder,)

    def _run(self, net: str, inputs: torch.Tensor) -> list[torch.Tensor]:
        request = getattr(self._own, net, None)
        if request is not None:
            return _inferred(request, inputs)
        with FIRST_USE:
            request = self._compiled(net)
            setattr(self._own, net, request)
            return _inferred(request, inputs)

    def _compiled(self, net: str) -> Any:  # noqa: ANN401 - OpenVINO has no types
        import openvino  # noqa: PLC0415 - takes part of a second, and questions in words need none of it

        return openvino.Core().compile_model(self.folder / net, "CPU", _OPTIONS).create_infer_request()


def _inferred(request: Any, inputs: torch.Tensor) -> list[torch.Tensor]:  # noqa: ANN401
    request.infer([inputs.numpy()])
    return [torch.from_numpy(output.data.copy()) for output in request.output_tensors]


def weights_digest(reader: Reader) -> str:
    """A digest of a reader's weights in half precision, as checkpoints keep them."""
    digest = hashlib.sha256()
    for name, value in sorted(reader.state_dict().items()):
        digest.update(f"{name} {tuple(value.shape)}\n".encode())
        digest.update((value.half() if value.is_floating_point() else value).cpu().numpy().tobytes())
    return digest.hexdigest()

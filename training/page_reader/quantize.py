"""`quantize`: compiles the nets of a packaged page reader, one of them in eight bits."""

import argparse
import tempfile
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import numpy.typing as npt
import openvino
import torch
from torch import nn
from torch.export import Dim

from training.page_reader.train import is_held_out, training_pages
from vdr.models.checkpoint import open_checkpoint
from vdr.page_reader.modules import PageImage
from vdr.page_reader.quantized import DETECTOR, DIGEST, RECOGNIZER, QuantizedReader, weights_digest
from vdr.page_reader.reading import PageReading, Reader, best_path

GrayPage = npt.NDArray[np.uint8]
_PAGES = 96


def main() -> None:
    """Command line: `python -m training.page_reader.quantize DATA CHECKPOINT`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("checkpoint", type=Path)
    options = parser.parse_args()
    pages = [(page, folder) for page, folder in training_pages(options.data) if not is_held_out(page)]
    chosen = pages[:: max(len(pages) // _PAGES, 1)]
    quantize_checkpoint(options.checkpoint, [page.image(folder) for page, folder in chosen])


def quantize_checkpoint(checkpoint: Path, pages: Iterable[GrayPage]) -> None:
    """Adds the compiled nets to a checkpoint; the gray pages tell how large their numbers get."""
    model = open_checkpoint(str(checkpoint), "cpu")
    page_image = next(module for module in model.modules() if isinstance(module, PageImage))
    with tempfile.TemporaryDirectory() as folder:
        page_image.quantized = quantize(page_image.reader, pages, Path(folder))
        model.half().save(str(checkpoint), create_model_card=False)


def quantize(reader: Reader, pages: Iterable[GrayPage], folder: Path) -> QuantizedReader:
    """The nets of `reader` compiled into `folder`, the recognizer in eight bits."""
    watched = _Watched(reader.eval().requires_grad_(False))
    for page in pages:
        watched.read(torch.tensor(page).float() / 255)
    # Boxes feel every rounding: in eight bits the detector alone changes 4 % of the words, and saves a tenth.
    detector = _converted(reader.detector, watched.pages[0], {1: Dim.AUTO, 2: Dim.AUTO})
    recognizer = _converted(_BestPath(reader), watched.tapes[0], {2: Dim.AUTO})
    openvino.save_model(detector, folder / DETECTOR)
    openvino.save_model(_in_eight_bits(recognizer, watched.tapes), folder / RECOGNIZER)
    (folder / DIGEST).write_text(weights_digest(reader) + "\n")
    return QuantizedReader(folder)


class _Watched(PageReading):
    """Reads like another and keeps what the nets were given."""

    def __init__(self, reader: PageReading) -> None:
        self._reader = reader
        self.pages: list[torch.Tensor] = []
        self.tapes: list[torch.Tensor] = []

    def detect(self, pages: torch.Tensor) -> torch.Tensor:
        self.pages.append(pages)
        return self._reader.detect(pages)

    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        self.tapes.append(tapes)
        return self._reader.write_down(tapes)


class _BestPath(nn.Module):
    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self.recognizer = reader.recognizer

    def forward(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return best_path(self.recognizer.read_whole(tapes)[0])


def _converted(net: nn.Module, example: torch.Tensor, dynamic: dict[int, Any]) -> Any:  # noqa: ANN401
    # Tensors made while reading cannot enter a graph: a copy can.
    graph = torch.export.export(net.eval(), (example.clone(),), dynamic_shapes=(dynamic,))
    with warnings.catch_warnings():  # it asks torch for a class by its old name
        warnings.filterwarnings("ignore", ".*LeafSpec", FutureWarning)
        return openvino.convert_model(graph)


def _in_eight_bits(net: Any, inputs: list[torch.Tensor]) -> Any:  # noqa: ANN401 - OpenVINO has no types
    samples = nncf.Dataset(inputs, lambda tensor: tensor.numpy())
    # Share of words read as in 32 bits: 98.6 % with the fast correction of biases, 99.5 % with the full one.
    return nncf.quantize(net, samples, subset_size=len(inputs), fast_bias_correction=False)


if __name__ == "__main__":
    main()

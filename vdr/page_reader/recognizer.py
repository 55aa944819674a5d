"""The recognizer: a convolutional net over a tape of text that writes characters (CTC)."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from vdr.page_reader import alphabet
from vdr.page_reader.strips import FRAME_STRIDE, STRIP_HEIGHT


class _Residual(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.body(x))


def _conv(
    inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), relu: bool = True
) -> nn.Sequential:
    padding = ((kernel[0] - 1) // 2 if kernel[0] % 2 else 0, kernel[1] // 2)
    layers: list[nn.Module] = [
        nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)


class Recognizer(nn.Module):
    """Maps tapes (batch, STRIP_HEIGHT, width) to logits (batch, width / FRAME_STRIDE, alphabet.SIZE).

    Three strided convolutions bring the tape to one row at a quarter of its width; residual convolutions
    along the line give each place its neighbourhood; the last layer writes two frames a place.
    """

    def __init__(self, stem: int = 24, middle: int = 48, channels: int = 144, blocks: int = 3) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            _conv(1, stem, (3, 3), (2, 2)),
            _conv(stem, middle, (3, 3), (2, 1)),
            _Residual(
                nn.Sequential(_conv(middle, middle, (3, 3)), _conv(middle, middle, (3, 3), relu=False))
            ),
            _conv(middle, channels, (STRIP_HEIGHT // 4, 3), (STRIP_HEIGHT // 4, 2)),
        )
        self.context = nn.Sequential(
            *(
                _Residual(
                    nn.Sequential(
                        _conv(channels, channels, (1, 5)), _conv(channels, channels, (1, 3), relu=False)
                    )
                )
                for _ in range(blocks)
            )
        )
        self.head = nn.Conv2d(channels, 2 * alphabet.SIZE, 1)

    def forward(self, tape: torch.Tensor) -> torch.Tensor:
        """Logits of every frame; the width is padded to a multiple of 4."""
        frames = tape.shape[-1] // FRAME_STRIDE
        tape = F.pad(tape, (0, -tape.shape[-1] % 4))
        features: torch.Tensor = self.context(self.stem(tape[:, None]))  # (batch, channels, 1, width / 4)
        logits: torch.Tensor = self.head(features)[:, :, 0].transpose(1, 2)  # (batch, width / 4, 2 * SIZE)
        return logits.reshape(len(tape), -1, alphabet.SIZE)[:, :frames]


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word read on a tape: its text, the frames it spans (end exclusive) and the geometric mean of its
    characters' probabilities."""

    text: str
    start_frame: int
    end_frame: int
    confidence: float


def words_of_path(classes: npt.NDArray[np.int64], log_p: npt.NDArray[np.float32]) -> list[ReadWord]:
    """The words along a best path of classes (frames,) with their log probabilities (frames,), cut at spaces.

    Graves et al., Connectionist Temporal Classification, ICML 2006: repeats merged, blanks out.
    """
    emits = np.flatnonzero((classes != alphabet.BLANK) & (classes != np.append(-1, classes[:-1])))
    text = alphabet.decode(classes[emits].tolist())
    breaks = [-1, *(i for i, c in enumerate(text) if c == " "), len(text)]
    words = []
    for before, after in pairwise(breaks):
        if after - before > 1:
            frames = emits[before + 1 : after]
            end = emits[after] if after < len(text) else frames[-1] + 2
            words.append(
                ReadWord(
                    text[before + 1 : after],
                    int(frames[0]),
                    int(min(end, frames[-1] + 4)),
                    float(np.exp(log_p[frames].mean())),
                )
            )
    return words

"""The recognizer: a convolutional net over a tape of text that writes characters (CTC)."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F

from vdr.page_reader import alphabet
from vdr.page_reader.strips import FRAME_STRIDE, STRIP_HEIGHT

Frames = npt.NDArray[np.int64]
_NARROW_LETTER, _LONGEST_LETTER = 2, 4  # frames


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
        return self.read_whole(F.pad(tape, (0, -tape.shape[-1] % 4)))[:, :frames]

    def read_whole(self, tape: torch.Tensor) -> torch.Tensor:
        """Logits of every frame of tapes whose width is a multiple of 4."""
        features: torch.Tensor = self.context(self.stem(tape[:, None]))  # (batch, channels, 1, width / 4)
        logits: torch.Tensor = self.head(features)[:, :, 0].transpose(1, 2)  # (batch, width / 4, 2 * SIZE)
        return logits.reshape(tape.shape[0], -1, alphabet.SIZE)


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word read on a tape: its text, the segment it stands on, the frames of the tape it spans (end
    exclusive) and the geometric mean of its characters' probabilities, not calibrated."""

    text: str
    segment: int
    start_frame: int
    end_frame: int
    confidence: float


def words_of_path(
    classes: npt.NDArray[np.int64], log_p: npt.NDArray[np.float32], starts: Frames, ends: Frames
) -> list[ReadWord]:
    """The words along a best path of classes (frames,) with their log probabilities (frames,).

    Segment i covers the frames from `starts[i]` to `ends[i]`; words end at spaces and with their segment.
    Graves et al., Connectionist Temporal Classification, ICML 2006: repeats merged, blanks out.
    """
    lengths = ends - starts
    segment = np.repeat(np.arange(len(starts)), lengths)
    frame = np.arange(len(segment)) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
    path = classes[frame]
    is_first = np.diff(segment, prepend=-1) != 0
    emits = (path != alphabet.BLANK) & (is_first | (path != np.roll(path, 1)))
    segment, frame, path = segment[emits], frame[emits], path[emits]
    is_letter = path != alphabet.SPACE
    follows = np.append(False, is_letter[:-1] & (segment[1:] == segment[:-1]))[: len(path)]
    begins = np.flatnonzero(is_letter & ~follows)
    word_of = np.cumsum(is_letter & ~follows)[is_letter] - 1
    sizes = np.bincount(word_of, minlength=len(begins))
    last = begins + sizes - 1
    limit = frame[last] + _LONGEST_LETTER
    # The space behind a word tells where it ends; without one, its last letter is taken to be narrow.
    has_next = (last + 1 < len(path)) & (np.append(segment[1:], -1)[last] == segment[last])
    stop = np.where(has_next, np.append(frame[1:], 0)[last], frame[last] + _NARROW_LETTER)
    # Rounded to eight bits, the logarithm of a probability comes out above 0 now and then.
    sure = np.minimum(log_p[frame[is_letter]], 0)
    confidence = np.exp(np.bincount(word_of, sure, len(begins)) / sizes)
    text = alphabet.decode(path.tolist())
    spans = zip(begins.tolist(), (last + 1).tolist(), strict=True)
    return [
        ReadWord(text[begin:end], *place)
        for (begin, end), *place in zip(
            spans,
            segment[begins].tolist(),
            frame[begins].tolist(),
            np.minimum(stop, limit).tolist(),
            confidence.tolist(),
            strict=True,
        )
    ]

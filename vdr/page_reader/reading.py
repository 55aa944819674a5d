"""From a gray page image to its words: detect the lines, cut the tape, write it down, place the words."""

from collections.abc import Iterable

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from vdr.page_reader import alphabet
from vdr.page_reader.detector import Detector, segments_of
from vdr.page_reader.recognizer import ReadWord, Recognizer, words_of_path
from vdr.page_reader.strips import FRAME_STRIDE, Segments, Tape, cut_tape, strip_widths
from vdr.types import Box, Word

DETECTOR_SCALE = 2
_SIDE_MULTIPLE = 32
_MAX_TAPE = 400_000
# oneDNN prepares and keeps a kernel for every width it meets: few widths cost less time and memory.
_TAPE_STEP = 2_048


class Reader(nn.Module):
    """Detector and recognizer together: `read` takes a gray page and gives its words."""

    def __init__(self, detector: Detector | None = None, recognizer: Recognizer | None = None) -> None:
        super().__init__()
        self.detector = detector or Detector()
        self.recognizer = recognizer or Recognizer()

    @torch.inference_mode()
    def read(self, page: torch.Tensor) -> list[Word]:
        """The words of one page (height, width; floats in 0..1, 1 is white), in the order of their lines."""
        segments = self.find_segments(page)
        if len(segments) == 0:
            return []
        tape = cut_tape(page, segments)
        pixels = F.pad(tape.pixels, (0, -tape.pixels.shape[1] % _TAPE_STEP))
        log_p, classes = F.log_softmax(self.recognizer(pixels[None])[0].float(), -1).max(-1)
        words = zip(segments, _split(tape, classes, log_p), strict=True)
        return [placed for segment, found in words for placed in _place(segment, found, page.shape)]

    def find_segments(self, page: torch.Tensor) -> Segments:
        """Text segments in pixels of `page`, those that would make the tape too long left out."""
        small = F.avg_pool2d(page[None, None], DETECTOR_SCALE)[0]
        height, width = small.shape[-2:]
        padding = (0, -width % _SIDE_MULTIPLE, 0, -height % _SIDE_MULTIPLE)
        maps = self.detector(F.pad(small, padding, value=float(small.median())))[0]
        segments = segments_of(maps.float().numpy()) * np.float32(DETECTOR_SCALE)
        segments = segments[segments[:, 1] - segments[:, 0] > 0.3 * segments[:, 4]]
        if len(segments) == 0:
            return segments
        return segments[np.cumsum(strip_widths(segments)) < _MAX_TAPE]


def fuse_normalization(module: nn.Module) -> None:
    """Folds batch normalization into the convolutions before it, in place: the same answers, a sixth faster.

    For a module in evaluation mode that will not be trained any more.
    """
    for child in module.children():
        fuse_normalization(child)
    if isinstance(module, nn.Sequential):
        for place in range(len(module) - 1):
            convolution, normalization = module[place], module[place + 1]
            if isinstance(convolution, nn.Conv2d) and isinstance(normalization, nn.BatchNorm2d):
                module[place] = fuse_conv_bn_eval(convolution, normalization)
                module[place + 1] = nn.Identity()


def _split(tape: Tape, classes: torch.Tensor, log_p: torch.Tensor) -> Iterable[list[ReadWord]]:
    path, scores = classes.numpy(), log_p.numpy()
    for start, end in zip(tape.starts // FRAME_STRIDE, tape.ends // FRAME_STRIDE, strict=True):
        yield words_of_path(path[start:end], scores[start:end])


def _place(segment: Segments, words: list[ReadWord], shape: torch.Size) -> Iterable[Word]:
    x0, x1, y0, y1, height = (float(v) for v in segment)
    frames = int(strip_widths(segment[None])[0]) // FRAME_STRIDE
    page_height, page_width = shape
    for word in words:
        left, right = max(word.start_frame - 1, 0) / frames, min(word.end_frame, frames) / frames
        middle = y0 + (y1 - y0) * (left + right) / 2
        text = word.text.replace(alphabet.OTHER, "")
        if not text:
            continue
        box = Box(
            *_clip((x0 + (x1 - x0) * left) / page_width, (middle - height / 2) / page_height),
            *_clip((x0 + (x1 - x0) * right) / page_width, (middle + height / 2) / page_height),
        )
        yield Word(text, box, word.confidence)


def _clip(x: float, y: float) -> tuple[float, float]:
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)

"""From a gray page image to its words: detect the lines, cut the tape, write it down, place the words."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from vdr.legible import sureness
from vdr.page_reader import alphabet
from vdr.page_reader.detector import CELL, LEVEL, UPRIGHT, Detector, segments_of
from vdr.page_reader.large_print import with_large_print
from vdr.page_reader.recognizer import ReadWord, Recognizer, words_of_path
from vdr.page_reader.strips import FRAME_STRIDE, Segments, cut_tape, strip_widths
from vdr.types import Box, Word

DETECTOR_SCALE = 2
_SIDE_MULTIPLE = 32
_PAPER_STEP = 8
_MAX_TAPE = 400_000
# Of its height. Single letters look upright and level alike: upright is only what is longer than high.
_SHORTEST, _SHORTEST_UPRIGHT = 0.3, 1.5
# oneDNN prepares and keeps a kernel for every width it meets: few widths cost less time and memory.
_TAPE_STEP = 2_048
# A dense page is 25,000 pixels of tape, one of small print 100,000: in pieces, the memory it takes does not
# depend on that, and it is read as fast (63 ms in pieces of 8,192 or in one).
_PIECE = 8_192
# Of the letters' confidence: 0.97 on the middle one of 24 pages of reports and 0.70 on it upside down; a
# photograph or another script has 0.4 to 0.7 either way.
_DOUBTFUL, _SURER, _ENOUGH_LETTERS = 0.85, 0.1, 12
# Lines higher than this, in pixels, are looked for from afar: of print of 80 pt, 180 pixels high on a page of
# 1,536, the detector sees parts; a quarter as large, it sees whole lines of 120 pt.
_LARGE, _AFAR = 120, 4


class PageReading(ABC):
    """`read` takes a gray page and gives its words, by whatever runs the two nets."""

    @abstractmethod
    def detect(self, pages: torch.Tensor) -> torch.Tensor:
        """The maps (1, 3, rows, columns) of one small page; see Detector."""

    @abstractmethod
    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The best path on one tape (1, STRIP_HEIGHT, width): log probabilities and classes (frames,)."""

    @torch.inference_mode()
    def read(self, page: torch.Tensor) -> list[Word]:
        """The words of one page (height, width; floats in 0..1, 1 is white), in the order of their lines.

        Lines may run in any of four directions; boxes are those of the page as it is given. Large print
        comes first.
        """
        small = _halved(page)
        words = self._read_segments(page, *self._segments(small, page.shape[0]))
        if min(page.shape) <= _LARGE:
            return words
        size = [max(side // _AFAR, 1) for side in page.shape]
        found = self._segments(F.avg_pool2d(small, _AFAR), size[0])
        large = [each[each[:, 4] >= _LARGE / _AFAR] for each in found]
        if not any(map(len, large)):
            return words
        afar = F.interpolate(page[None, None], size, mode="area")[0, 0]
        return with_large_print(words, self._read_segments(afar, *large))

    def _read_segments(self, page: torch.Tensor, level: Segments, upright: Segments) -> list[Word]:
        words = self._read_lines(page, level)
        if len(upright) == 0:
            return words
        read = self._read_lines(page.rot90(-1), upright)
        return words + [replace(word, box=turned_back(word.box)) for word in read]

    def _read_lines(self, page: torch.Tensor, segments: Segments) -> list[Word]:
        """The words on level segments, which may all be upside down."""
        pieces = _pieces(segments)
        words = [self._read_piece(page, piece) for piece in pieces]
        sure, letters = sureness(word for piece in words for word in piece)
        if letters >= _ENOUGH_LETTERS and sure < _DOUBTFUL:
            turned, middle = page.rot90(2), len(pieces) // 2
            looked = self._read_piece(turned, _half_turned(pieces[middle], page.shape))
            if _is_surer(looked, words[middle]):
                other_way = [_half_turned(piece, page.shape) for piece in reversed(pieces)]
                again = [word for piece in other_way for word in self._read_piece(turned, piece)]
                return [replace(word, box=turned_back(turned_back(word.box))) for word in again]
        return [word for piece in words for word in piece]

    def _read_piece(self, page: torch.Tensor, segments: Segments) -> list[Word]:
        tape = cut_tape(page, segments)
        log_p, classes = self.write_down(F.pad(tape.pixels, (0, -tape.pixels.shape[1] % _TAPE_STEP))[None])
        starts, ends = tape.starts // FRAME_STRIDE, tape.ends // FRAME_STRIDE
        found = words_of_path(classes.numpy(), log_p.numpy(), starts, ends)
        return list(_placed(found, segments, starts, ends, page.shape))

    def find_segments(self, page: torch.Tensor) -> tuple[Segments, Segments]:
        """Level segments in pixels of `page`; those that read upwards in pixels of it turned clockwise.

        Those that would make the tape too long are left out.
        """
        return self._segments(_halved(page), page.shape[0])

    def _segments(self, small: torch.Tensor, page_height: int) -> tuple[Segments, Segments]:
        """The same, of a page that high, from what the detector sees of it: (1, height, width)."""
        height, width = small.shape[1:]
        if not height or not width:
            return _none(), _none()
        padding = (0, -width % _SIDE_MULTIPLE, 0, -height % _SIDE_MULTIPLE)
        paper = float(small[:, ::_PAPER_STEP, ::_PAPER_STEP].median())
        maps = self.detect(F.pad(small, padding, value=paper))[0].numpy()
        level = _usable(segments_of(maps[LEVEL]), _SHORTEST)
        turned = np.rot90(maps[UPRIGHT], -1, axes=(1, 2))
        upright = segments_of(np.ascontiguousarray(turned))
        upright[:, :2] -= maps.shape[1] * CELL - height  # what was padded below is on the left now
        return level, _beside(_usable(upright, _SHORTEST_UPRIGHT), level, page_height)


def _halved(page: torch.Tensor) -> torch.Tensor:
    """A page (height, width) as the detector sees it, (1, height, width)."""
    height, width = (side // DETECTOR_SCALE for side in page.shape)
    if not height or not width:
        return page.new_empty(1, height, width)
    whole = page[None, None, : height * DETECTOR_SCALE, : width * DETECTOR_SCALE]
    # At half the size this is the mean of four pixels, four times as fast as pooling.
    return F.interpolate(whole, (height, width), mode="bilinear")[0]


def _none() -> Segments:
    return np.empty((0, 5), np.float32)


def _usable(segments: Segments, shortest: float) -> Segments:
    """Those longer than so many times their height, in pixels of the page, as many as a tape holds."""
    segments = segments * np.float32(DETECTOR_SCALE)
    segments = segments[segments[:, 1] - segments[:, 0] > shortest * segments[:, 4]]
    kept: Segments = segments[np.cumsum(strip_widths(segments)) < _MAX_TAPE]
    return kept


def _beside(upright: Segments, level: Segments, height: int) -> Segments:
    """The upright segments whose middles lie in no level one: what is level is surer."""
    x = upright[:, 2:4].mean(1)
    y = height - upright[:, :2].mean(1)
    inside = (level[None, :, 0] < x[:, None]) & (x[:, None] < level[None, :, 1])
    inside &= np.abs(level[:, 2:4].mean(1)[None] - y[:, None]) < level[None, :, 4] / 2
    beside: Segments = upright[~inside.any(1)]
    return beside


def _half_turned(segments: Segments, shape: torch.Size) -> Segments:
    """Segments of a page of that (height, width) on the page turned upside down, in their order there."""
    height, width = shape
    left, right, y_left, y_right, heights = segments[::-1].T
    turned: Segments = np.stack([width - right, width - left, height - y_right, height - y_left, heights], 1)
    return turned


def _is_surer(words: Sequence[Word], than: Sequence[Word]) -> bool:
    (sure, letters), (before, letters_before) = sureness(words), sureness(than)
    return sure > before + _SURER and letters > letters_before / 2


def turned_back(box: Box) -> Box:
    """A box of a page turned clockwise, on the page; both in shares of their page."""
    return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)


def _pieces(segments: Segments) -> list[Segments]:
    """The segments in runs that make tapes of about _PIECE pixels."""
    if len(segments) == 0:
        return []
    number = np.cumsum(strip_widths(segments)) // _PIECE
    return np.split(segments, np.flatnonzero(np.diff(number)) + 1)


class Reader(PageReading, nn.Module):
    """Detector and recognizer together, in torch: the ones that are trained."""

    def __init__(self, detector: Detector | None = None, recognizer: Recognizer | None = None) -> None:
        super().__init__()
        self.detector = detector or Detector()
        self.recognizer = recognizer or Recognizer()

    def detect(self, pages: torch.Tensor) -> torch.Tensor:
        """See PageReading."""
        maps: torch.Tensor = self.detector(pages)
        return maps.float()

    def write_down(self, tapes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See PageReading."""
        log_p, classes = best_path(self.recognizer(tapes)[0])
        return log_p, classes


def best_path(logits: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The likeliest class of each frame, from logits (frames, classes): log probabilities and classes."""
    best = logits.float().max(-1)
    return best.values - logits.float().logsumexp(-1), best.indices


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


def _placed(
    words: Sequence[ReadWord],
    segments: Segments,
    starts: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    shape: torch.Size,
) -> Iterator[Word]:
    """The words with their boxes, as fractions of the page of that (height, width)."""
    of = np.array([word.segment for word in words], np.int64)
    frames = (ends - starts)[of]
    spans = np.array([(word.start_frame - 1, word.end_frame) for word in words]).reshape(-1, 2)
    along = np.clip((spans - starts[of, None]) / frames[:, None], 0, 1)  # of the segment's width
    x0, x1, y0, y1, height = (column[:, None] for column in segments.astype(np.float64)[of].T)
    middle = y0 + (y1 - y0) * along.mean(1, keepdims=True)
    boxes = np.concatenate([x0 + (x1 - x0) * along, middle - height / 2, middle + height / 2], axis=1)
    boxes = np.clip(boxes / [shape[1], shape[1], shape[0], shape[0]], 0, 1)
    for word, (left, right, top, bottom) in zip(words, boxes.tolist(), strict=True):
        if text := word.text.replace(alphabet.OTHER, ""):
            yield Word(text, Box(left, top, right, bottom), word.confidence)

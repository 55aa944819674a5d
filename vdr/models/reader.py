"""Readers: words from pixels, for every page, whatever embeds it."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import torch
from PIL import Image
from sentence_transformers import SentenceTransformer

from vdr.errors import BadSetting
from vdr.models.checkpoint import open_checkpoint
from vdr.models.fingerprint import fingerprint
from vdr.models.own_modules import is_page_reader
from vdr.models.query_embedder import folder_of
from vdr.models.threads import one_thread, stay_on_one_thread
from vdr.page_reader.modules import PageImage, QueryText
from vdr.page_reader.questions import QuestionWords
from vdr.page_reader.reading import fuse_normalization
from vdr.types import Word

_DAMAGED = "Set VDR_READER to page-reader, to the folder of a checkpoint that is whole, or to off."


class Reader(Protocol):
    """Reads the words of page images. Threads may share one.

    `fingerprint` names its checkpoint; `words` is what it knows of the words of questions.
    """

    name: str
    fingerprint: str
    words: QuestionWords

    def read(self, images: Sequence[Image.Image]) -> list[tuple[Word, ...]]:
        """The words of each page image, in reading order, each with its box and confidence."""
        ...


def load_reader(name: str) -> Reader:
    """The page reader in a folder, or the one that is shipped.

    Raises ModelError when it cannot be loaded, BadSetting where the folder has another kind of checkpoint.
    """
    path = folder_of(name)
    if not is_page_reader(Path(path)):
        raise BadSetting(
            f"VDR_READER={name} is no page reader.",
            remedy="Set it to page-reader, to the folder of a checkpoint trained from it, or to off.",
        )
    return PageReader(open_checkpoint(path, "cpu", remedy=_DAMAGED), name, fingerprint(path, {}))


class PageReader:
    """The part of a page reader that reads."""

    def __init__(self, model: SentenceTransformer, name: str, mark: str) -> None:
        self.name, self.fingerprint = name, mark
        self.words = next(module.words for module in model.modules() if isinstance(module, QueryText))
        self._reads = next(module for module in model.modules() if isinstance(module, PageImage))
        _make_quick(model)

    @one_thread()
    @torch.inference_mode()
    def read(self, images: Sequence[Image.Image]) -> list[tuple[Word, ...]]:
        """The words of each page image."""
        return [tuple(words) for words in self._reads.read(images)]


def _make_quick(model: SentenceTransformer) -> None:
    """Has a page reader take a page a core, one thread each, and the nets that torch will run be fused.

    170 ms a page on two cores, where two threads a page take 215.
    """
    pool = ThreadPoolExecutor(
        os.cpu_count(), thread_name_prefix="page-reader", initializer=stay_on_one_thread
    )
    for module in model.modules():
        if isinstance(module, PageImage):
            module.pool = pool
            if module.quantized is None:
                fuse_normalization(module.reader)

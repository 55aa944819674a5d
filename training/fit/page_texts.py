"""What pages say, for models that read: their text or, where they have none, the words in their images."""

import json
from collections.abc import Sequence
from pathlib import Path

from training.fit.callbacks import Say
from training.fit.data import Pages, TrainingData
from training.fit.run_folder import is_first_process
from vdr.files import write_whole
from vdr.merging import text_of
from vdr.models.reader import load_reader
from vdr.settings import PAGE_READER
from vdr.types import PageWords

_BATCH = 16
_SAY_EVERY = 320


def page_texts(data: TrainingData, kept: Path, say: Say) -> dict[str, str]:
    """The text of every page that is learned from or searched.

    The page reader reads those without any, once a run: what it read is kept in a file.
    """
    texts = {page_id: data.pages.text(page_id) for page_id in data.page_ids}
    silent = [page_id for page_id, text in texts.items() if not text.strip()]
    return texts | (_read(data.pages, silent, kept, say) if silent else {})


def _read(pages: Pages, page_ids: Sequence[str], kept: Path, say: Say) -> dict[str, str]:
    if kept.exists():
        found: dict[str, str] = json.loads(kept.read_bytes())
        return found
    say(f"Reading {len(page_ids):,} pages without text.")
    reader, found = load_reader(PAGE_READER), {}
    for start in range(0, len(page_ids), _BATCH):
        batch = page_ids[start : start + _BATCH]
        read = reader.read([image.convert("RGB") for image in pages.images(batch)])
        for page_id, words in zip(batch, read, strict=True):
            found[page_id] = " ".join(text_of(PageWords(read=words)))
        if len(found) % _SAY_EVERY == 0:
            say(f"{len(found):,} of {len(page_ids):,} pages.")
    if is_first_process():
        write_whole(kept, json.dumps(found))
    return found

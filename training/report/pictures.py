"""What a report takes from elsewhere: pages of the pairs that a run was measured on, and its curves."""

import base64
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from training.fit.data import Pages
from training.fit.run_folder import RunFolder
from training.pairs.dataset import PairsDataset, read_pairs
from training.pairs.show import thumbnail
from training.report.facts import read_part
from vdr.errors import BadInput
from vdr.types import Box, PageWords, Word

_NOWHERE = Box(0, 0, 0, 0)


def open_pairs(folder: RunFolder, moved: Path | None) -> PairsDataset:
    """The pairs of a run: in `moved`, or where it had them. Raises BadInput where there are none."""
    place = moved or Path(json.loads(read_part(folder.root / "config.json"))["data"]["pairs"])
    try:
        return read_pairs(place)
    except BadInput as error:
        raise BadInput(
            f"The pairs of {folder.root} are not in {place}: {error.message.rstrip('.')}.",
            remedy="Pass their new location with --pairs.",
        ) from error


def thumbnails(page_ids: Iterable[str], pairs: PairsDataset) -> dict[str, str]:
    """Small pictures of pages by their id. Raises BadInput where the pairs have no such page."""
    known, pages = set(pairs.pages["page_id"]), Pages(pairs.pages)
    found: dict[str, str] = {}
    for page_id in page_ids:
        if page_id not in known:
            raise BadInput(
                f"The run was evaluated on page {page_id}, which the pairs do not contain.",
                remedy="Pass the pairs that it was trained on with --pairs.",
            )
        found[page_id] = found.get(page_id) or thumbnail(pages.image(page_id))
    return found


def some_pages(pairs: PairsDataset, count: int) -> Sequence[Image.Image]:
    """The first pages there are, at most `count`."""
    return Pages(pairs.pages).images(pairs.pages["page_id"][:count])


def some_words(pairs: PairsDataset, count: int) -> list[PageWords]:
    """The words of the first pages there are, at most `count`; where they stand is not known."""
    texts = pairs.pages["text"][:count]
    return [PageWords(tuple(Word(word, _NOWHERE) for word in text.split())) for text in texts]


def png_uri(picture: Path) -> str:
    """A PNG of a run as a data URI. Raises BadInput where it is gone."""
    return f"data:image/png;base64,{base64.b64encode(read_part(picture)).decode()}"

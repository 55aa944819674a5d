"""The pages of all documents with their images, one after the other and each but once."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field

from PIL import Image

from training.pairs.dataset import PageRecord
from training.pairs.duplicates import copies, is_sparse
from training.pairs.images import look_alike, look_of, to_webp
from training.pairs.sources import SourceDocument, page_id_of
from training.pairs.splits import EVAL, TRAIN
from vdr.errors import PageFailed
from vdr.words import wholes


@dataclass
class PageStream:
    """Yields pages, those of eval first, and remembers what became of each.

    Of pages that are copies of each other only the first is kept: any other would be a wrong answer that is
    right. Within a split the first stands for the others; what train shares with eval goes from train.
    `home` tells for each page which one stands for it; it lacks the pages that are gone.
    """

    documents: Sequence[SourceDocument]
    eval_names: Set[str]
    long_side: int
    home: dict[str, str] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    warnings: list[str] = field(default_factory=list)
    _splits: dict[str, str] = field(default_factory=dict)
    _looks: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))

    def __iter__(self) -> Iterator[PageRecord]:
        ordered = sorted(self.documents, key=lambda document: document.name not in self.eval_names)
        twins = copies({id_: text for document in ordered for id_, text in _texts(document).items()})
        for document in ordered:
            yield from self._pages(document, twins)

    def _pages(self, document: SourceDocument, twins: dict[str, str]) -> Iterator[PageRecord]:
        split = EVAL if document.name in self.eval_names else TRAIN
        ids = list(_texts(document))
        wanted = [number for number, page_id in enumerate(ids, start=1) if page_id not in twins]
        for number, image in document.images(wanted):
            page_id, text = page_id_of(document.name, number), document.texts[number - 1]
            if isinstance(image, PageFailed):
                self.dropped["pages that cannot be rasterized"] += 1
                self.warnings.append(f"{document.name}: {image.message}")
            elif (twin := self._seen(page_id, text, image)) is not None:
                self._replace(page_id, twin, split)
            else:
                self.home[page_id], self._splits[page_id] = page_id, split
                webp = to_webp(image, self.long_side)
                yield PageRecord(page_id, webp, document.name, number, split, text)
        for page_id in filter(twins.__contains__, ids):  # last, as the twin may be a page of this document
            self._replace(page_id, twins[page_id], split)

    def _replace(self, page_id: str, twin: str, split: str) -> None:
        """Let the twin stand for a page, if the two may be in one split."""
        if self._splits.get(twin) == split:
            self.home[page_id] = twin
            self.dropped["duplicate pages"] += 1
        elif twin not in self._splits:
            self.dropped["copies of pages that cannot be rasterized"] += 1
        else:
            self.dropped["train pages that duplicate an eval page"] += 1

    def _seen(self, page_id: str, text: str, image: Image.Image) -> str | None:
        """The page before that has the same few words and looks the same."""
        if not is_sparse(text):
            return None
        look, same_words = look_of(image), self._looks[" ".join(wholes(text))]
        twin = next((other for seen, other in same_words if look_alike(seen, look)), None)
        if twin is None:
            same_words.append((look, page_id))
        return twin


def _texts(document: SourceDocument) -> dict[str, str]:
    return {page_id_of(document.name, n): text for n, text in enumerate(document.texts, start=1)}

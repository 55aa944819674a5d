"""Documents, questions and feedback of a collection, from what is kept of its pages: no PDF is needed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from indexer.library import Library
from indexer.naming import ID_SHOWN
from indexer.services import Services
from training.pairs.feedback import FeedbackUse, feedback_queries
from training.pairs.layout import Fragment, PageLayout, lay_out
from training.pairs.sources import LABELLED, PageImage, SourceQuery
from vdr.catalogue.listing import every_document
from vdr.errors import BadInput, NotFound, ObjectDamaged, PageFailed
from vdr.merging import completed
from vdr.objects.store import ObjectStore
from vdr.types import Document, DocumentState, Listing, PageRef, PageWords, Word

_POINTS = 792.0  # of a page's long side: images know none
_SIZE_STEP = 0.5  # points; boxes of words in one font differ by less


@dataclass(frozen=True, slots=True)
class LibraryDocument:
    """An indexed document: its page images and words are those of the library.

    `layouts` are of the text layers, as words from pixels do not tell the size of print well enough; `texts`
    are all that is known of each page.
    """

    name: str
    document_id: str
    objects: ObjectStore
    layouts: tuple[PageLayout, ...]
    texts: tuple[str, ...]

    def images(self, page_numbers: Sequence[int]) -> Iterator[PageImage]:
        """The pages as they were indexed; PageFailed for one that was not, or is damaged."""
        for number in page_numbers:
            yield number, self._image(number)

    def _image(self, number: int) -> Image.Image | PageFailed:
        try:
            return Image.open(BytesIO(self.objects.page_image(PageRef(self.document_id, number))))
        except (NotFound, ObjectDamaged) as error:
            return PageFailed(f"Page {number} has no image: {error.message}")


@dataclass(frozen=True, slots=True)
class LibrarySource:
    """What a collection gives: documents, questions about them, and what feedback was used for."""

    documents: tuple[LibraryDocument, ...]
    labelled: tuple[SourceQuery, ...]
    feedback: FeedbackUse
    dropped: Counter[str] = field(default_factory=Counter)


def library_source(services: Services, library: Library) -> LibrarySource:
    """The indexed documents of a collection, its labelled questions, and queries out of its feedback.

    Raises BadInput where nothing is indexed.
    """
    indexed = list(every_document(library.catalogue, Listing(states=(DocumentState.INDEXED,))))
    if not indexed:
        raise BadInput(
            f"Collection {library.collection.name!r} has no indexed documents.",
            remedy="Index some first: vdr index FILE.pdf",
        )
    names = _names(indexed)
    documents = tuple(_document(library, each, names[each.document_id]) for each in indexed)
    labelled = [
        SourceQuery(
            each.text,
            names[each.document_id],
            each.page_numbers,
            LABELLED,
            traces=(f"question:{each.query_id}",),
        )
        for each in services.questions(library).each()
        if each.document_id in names
    ]
    judged = services.searches(library).each(unjudged=True)
    feedback = feedback_queries(judged, names, services.settings.feedback.feedback_weights)
    unlabelled = services.questions(library).count() - len(labelled)
    dropped = +Counter({"questions about documents that are not indexed": unlabelled})
    return LibrarySource(documents, tuple(labelled), feedback, dropped)


def _names(documents: Sequence[Document]) -> Mapping[str, str]:
    """What each document is called in a data set: those that share a name by their ids as well."""
    counts = Counter(each.name for each in documents)
    return {
        each.document_id: each.name
        if counts[each.name] == 1
        else f"{each.name} ({each.document_id[:ID_SHOWN]})"
        for each in documents
    }


def _document(library: Library, document: Document, name: str) -> LibraryDocument:
    pages = [PageRef(document.document_id, number) for number in range(1, document.page_count + 1)]
    read = [_page(library.objects, page) for page in pages]
    layouts, texts = (tuple(each) for each in zip(*read, strict=True)) if read else ((), ())
    return LibraryDocument(name, document.document_id, library.objects, layouts, texts)


def _page(objects: ObjectStore, page: PageRef) -> tuple[PageLayout, str]:
    """The layout of the text layer of a page, and all that it says; nothing of a page that is not there."""
    try:
        words = objects.page_words(page)
    except (NotFound, ObjectDamaged):
        return PageLayout(page.page_number), ""
    layout = lay_out(page.page_number, _fragments(words.text_layer, _shape(objects, page, words)))
    return layout, layout.text or " ".join(word.text for word in completed(words))


def _shape(objects: ObjectStore, page: PageRef, words: PageWords) -> tuple[float, float]:
    """Width and height of a page in points; square where nobody asks, or knows."""
    if not words.text_layer:
        return _POINTS, _POINTS
    try:
        with Image.open(BytesIO(objects.page_image(page))) as image:
            return _POINTS * image.width / max(image.size), _POINTS * image.height / max(image.size)
    except (NotFound, ObjectDamaged):
        return _POINTS, _POINTS


def _fragments(words: Sequence[Word], shape: tuple[float, float]) -> Iterator[Fragment]:
    width, height = shape
    for word in words:
        left, right = word.box.x0 * width, word.box.x1 * width
        top, bottom = word.box.y0 * height, word.box.y1 * height
        size = max(_SIZE_STEP * round((bottom - top) / _SIZE_STEP), _SIZE_STEP)
        yield Fragment(word.text, left, top, right, bottom, size)

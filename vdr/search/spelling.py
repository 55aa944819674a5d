"""Spelling mistakes in questions: a word that no page has is understood as one that pages have.

An index has no list of its words. So it is asked for all spellings that are one mistake away, in groups
first, as most groups have none that any page says. Only then is each of a group asked for by itself.
"""

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from vdr.index import Nearest, StoredPage, VectorIndex
from vdr.index.bm25 import query_terms
from vdr.objects.store import ObjectStore
from vdr.prints import boxes_of
from vdr.search.documents import are_named
from vdr.search.fusion import Fused
from vdr.search.phrases import without_quoted
from vdr.search.reranking import unless_gone
from vdr.types import Filter, PageRef, Print, QueryVectors, SearchRequest, Stage
from vdr.words import may_be_misspelt, plain, row_of, spellings, wanted_in, wholes

_MOST_WORDS = 4  # of a question
_GROUP = 32  # spellings asked for as one: few enough that most groups have none
_MOST_GROUPS = 8  # of a word that are asked for one by one, the likeliest
_MOST_PAGES = 50  # of a spelling: by them it is told how many pages say it, and how well they answer
_MOST_READ = 3  # spellings of a word that are looked up on a page
_ENDING = 2  # letters that a word has more than its stem, to be as like the misspelt word
_ELSEWHERE = 0.05  # what a page counts that answers nothing else of the question
# So many letters have few words one mistake away; a shorter word must stand on a page that answers something
# else of the question, if any does: names that no page has are often one letter from a word.
_LONG, _ANSWERING = 7, 0.1
_RUN = re.compile(r"(?<![\w-])[^\W\d_]+")
_LETTERS = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Searched:
    """What is searched: the pages of an index that pass, by what the stages look at."""

    index: VectorIndex
    stages: Sequence[Stage]
    where: Filter | None = None
    without: Collection[str] = ()

    def pages_with(self, asked: Sequence[Sequence[str]], most: int) -> list[set[str]]:
        """For each of these groups of terms up to so many pages by each stage that have one of them."""
        queries = [Nearest(stage, query_terms(terms), most) for terms in asked for stage in self.stages]
        found = iter(self.index.nearest(queries, self.where, self.without))
        return [{page for scores in islice(found, len(self.stages)) for page, _ in scores} for _ in asked]


def forgivable(request: SearchRequest, vectors: QueryVectors) -> frozenset[str]:
    """The words of a question that may be misspelt, if no page has them.

    Not what it quotes, nor numbers and codes, abbreviations in capitals, or words that a model knows. Where
    none has a vocabulary, only long words: there is no telling short ones that are spelt right.
    """
    if request.text is None or request.image is not None or request.page is not None:
        return frozenset()
    text = without_quoted(request.text)
    runs = (run for run in _RUN.findall(text) if text.isupper() or not run.isupper())
    words = {plain(run) for run in runs}
    shortest, known = (_LONG, frozenset[str]()) if vectors.known is None else (0, vectors.known)
    return frozenset(
        word
        for word in vectors.terms
        if word in words - known and len(word) >= shortest and may_be_misspelt(word)
    )


def corrections(
    words: Sequence[str],
    searched: Searched,
    best: Sequence[Fused],
    pages: Mapping[str, StoredPage],
    objects: ObjectStore | None,
) -> dict[str, str]:
    """What words that no page has are most likely to mean, of the words that pages have.

    The `best` pages by the rest of the question tell what it is about. Words that only other pages have than
    those searched are spelt right, and so are those in the name of a document. Four round trips at most.
    """
    named = are_named(words, pages.values())
    words = _nowhere([word for word in words if word not in named], searched)[:_MOST_WORDS]
    found = _spellings_found(words, searched) if words else {}
    context = _Context.of(best)
    return {
        word: meant
        for word, held in found.items()
        if (meant := _meant(word, held, context, searched.index, objects)) is not None
    }


def respelt(question: str, corrected: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The question with words corrected, and these words as it writes them with what stands there now.

    >>> respelt("Quaterly revnue -revnue", {"quaterly": "quarterly", "revnue": "revenue"})
    ('Quarterly revenue -revnue', {'Quaterly': 'Quarterly', 'revnue': 'revenue'})
    """
    shown: dict[str, str] = {}

    def correct(run: re.Match[str]) -> str:
        meant = corrected.get(plain(run[0]))
        if meant is None:
            return run[0]
        shown[run[0]] = meant.capitalize() if run[0][0].isupper() else meant
        return shown[run[0]]

    return _RUN.sub(correct, question), shown


def as_meant(question: str, corrected: Mapping[str, str]) -> str:
    """The question with words corrected that are given as it writes them."""
    return respelt(question, {plain(word): meant for word, meant in corrected.items()})[0]


def _nowhere(words: Sequence[str], searched: Searched) -> Sequence[str]:
    """Those of words that no page searched has which no other page has either."""
    if not words or (searched.where is None and not searched.without):
        return words
    everywhere = Searched(searched.index, searched.stages)
    found = everywhere.pages_with([[word] for word in words], 1)
    return [word for word, pages in zip(words, found, strict=True) if not pages]


def _spellings_found(words: Sequence[str], searched: Searched) -> dict[str, dict[str, set[str]]]:
    """The spellings of each word that pages have, with pages that have them."""
    groups = [(word, group) for word in words for group in _groups(spellings(word))]
    held = searched.pages_with([group for _, group in groups], 1)
    singles: dict[str, list[str]] = {word: [] for word in words}
    for (word, group), pages in zip(groups, held, strict=True):
        if pages and len(singles[word]) < _MOST_GROUPS * _GROUP:
            singles[word] += group
    asked = [(word, spelling) for word, single in singles.items() for spelling in single]
    pages_of = searched.pages_with([[spelling] for _, spelling in asked], _MOST_PAGES)
    found: dict[str, dict[str, set[str]]] = {word: {} for word in words}
    for (word, spelling), pages in zip(asked, pages_of, strict=True):
        if pages:
            found[word][spelling] = pages
    return found


def _groups(likely: Mapping[str, float]) -> Iterator[Sequence[str]]:
    terms = sorted(likely, key=lambda term: -likely[term])
    return (terms[start : start + _GROUP] for start in range(0, len(terms), _GROUP))


@dataclass(frozen=True, slots=True)
class _Context:
    """How well pages answer the rest of a question, and whether any has a word of it."""

    scores: Mapping[str, float]
    has_words: bool

    @classmethod
    def of(cls, best: Sequence[Fused]) -> "_Context":
        has_words = any(Stage.TEXT in page.stages or Stage.READ in page.stages for page in best)
        return cls({page.point_id: page.score for page in best}, has_words)

    def best_of(self, pages: Iterable[str]) -> tuple[float, str]:
        """The page that answers best, after its score."""
        return max((self.scores.get(page, 0.0), page) for page in pages)


def _meant(
    word: str,
    found: Mapping[str, Collection[str]],
    context: _Context,
    index: VectorIndex,
    objects: ObjectStore | None,
) -> str | None:
    """The likeliest spelling by the mistake, by how many pages have it and by how well one of them answers.

    As a page says it: terms are stems too, and may be another word's by their hash.
    """
    likely, places = spellings(word), {each: context.best_of(pages) for each, pages in found.items()}
    worth = {
        each: likely[each] * math.log1p(len(found[each])) * (_ELSEWHERE + score)
        for each, (score, _) in places.items()
        if len(word) >= _LONG or score >= _ANSWERING or not context.has_words
    }
    best = sorted(worth, key=lambda each: (-worth[each], each))[:_MOST_READ]
    if objects is None or not best:
        return next(iter(best), None)
    stored = index.pages([places[each][1] for each in best])
    pages = ((each, stored.get(places[each][1])) for each in best)
    read = (_said(each, page.page, objects) for each, page in pages if page is not None)
    return next((each for each in read if each is not None and each != word), None)


def _said(term: str, page: PageRef, objects: ObjectStore) -> str | None:
    """A term as the page says it: itself, or the word that it is the stem of; None where it has neither."""
    with unless_gone():
        text_layer, pixels = objects.page_print(page)
        return _standing(term, text_layer) or next(
            filter(None, (_standing(term, source) for source in pixels())), None
        )
    return None


def _standing(term: str, page: Print) -> str | None:
    wanted = frozenset({term})
    found = wanted_in(row_of(page.texts, boxes_of(page), wanted=wanted), wanted)
    texts = [page.texts[each.start] for each in found if each.end == each.start + 1]
    if any(term in _LETTERS.findall(plain(text)) for text in texts):
        return term
    words = (word for text in texts for word in wholes(text) if word.isalpha())
    return min((word for word in words if len(word) <= len(term) + _ENDING), key=len, default=None)

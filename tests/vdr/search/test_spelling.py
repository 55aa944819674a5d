"""Words that no page has, understood as words that pages have: on all engines alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.fixtures.words import said
from vdr.index import VectorIndex, page_terms
from vdr.index.schema import point_id
from vdr.objects.store import ObjectStore
from vdr.search.execute import Found
from vdr.search.execute import execute as found_by
from vdr.search.fusion import Fused
from vdr.search.plan import SearchPlan
from vdr.search.request import in_documents
from vdr.search.spelling import Searched, as_meant, corrections, forgivable, respelt
from vdr.settings import IndexSettings
from vdr.types import PagePoint, PageRef, PageWords, QueryVectors, SearchMode, SearchRequest, Stage
from vdr.words import spellings

Plan = Callable[..., SearchPlan]
MakePage = Callable[..., PagePoint]
MakeQuery = Callable[..., QueryVectors]
A, B = "a" * 64, "b" * 64
SAID = {
    PageRef(A, 1): "revenue of the companies and gold",
    PageRef(A, 2): "good revenue in policies",
    PageRef(B, 1): "harbour fees are good",
    PageRef(B, 2): "quarterly revenue",
}


@pytest.fixture
def pages(make_page: MakePage) -> list[PagePoint]:
    return [
        replace(make_page(*key(page)), text_terms=page_terms(said(text.split())), read_terms=None)
        for page, text in SAID.items()
    ]


def key(page: PageRef) -> tuple[str, int]:
    return page.document_id, page.page_number


@pytest.fixture
def objects(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    store = ObjectStore.open(IndexSettings(data_dir=tmp_path_factory.mktemp("objects")), "default", "g1")
    for page, text in SAID.items():
        store.put_page_words(page, PageWords(tuple(said(text.split()))))
    return store


def corrected(
    index: VectorIndex,
    words: Sequence[str],
    scores: Mapping[PageRef, float] = {},
    objects: ObjectStore | None = None,
    **searched: Any,
) -> dict[str, str]:
    stages = {Stage.TEXT: 1.0}
    best = [Fused(point_id(index.schema, page), score, stages) for page, score in scores.items()]
    stored = index.pages([each.point_id for each in best])
    searched = {"stages": [Stage.TEXT, Stage.READ], **searched}
    return corrections(words, Searched(index, **searched), best, stored, objects)


def test_a_misspelt_word_is_the_one_that_pages_have(index: VectorIndex, pages: list[PagePoint]) -> None:
    index.upsert(pages)
    assert corrected(index, ["revnue", "quaterly", "herbour"]) == {
        "revnue": "revenue",
        "quaterly": "quarterly",
        "herbour": "harbour",
    }
    assert corrected(index, ["ethanol", "rvneu", "asdkjh"]) == {}
    assert corrected(index, []) == {}
    assert corrected(index, ["revnue"], stages=[Stage.READ]) == {}


def test_of_several_it_is_the_one_that_fits_the_question(index: VectorIndex, pages: list[PagePoint]) -> None:
    index.upsert(pages)
    assert corrected(index, ["golod"]) == {"golod": "good"}  # more pages have it
    assert corrected(index, ["golod"], {PageRef(A, 1): 0.8}) == {"golod": "gold"}


def test_short_words_must_fit_the_rest_of_the_question(index: VectorIndex, pages: list[PagePoint]) -> None:
    index.upsert(pages)
    elsewhere = {PageRef(B, 1): 0.5, PageRef(A, 1): 0.05}
    assert corrected(index, ["golld", "gould"], elsewhere) == {}
    assert corrected(index, ["golld"], {**elsewhere, PageRef(A, 1): 0.2}) == {"golld": "gold"}
    assert corrected(index, ["compnies"], elsewhere) == {"compnies": "companies"}


def test_a_word_of_other_pages_than_those_searched_is_spelt_right(
    index: VectorIndex, pages: list[PagePoint]
) -> None:
    index.upsert(pages)
    within = in_documents([B])
    assert corrected(index, ["gold"], where=within) == {}
    assert corrected(index, ["gould"], where=within) == {}  # only the other document has gold
    assert corrected(index, ["goood"], where=within) == {"goood": "good"}
    harbour = [point_id(index.schema, PageRef(B, 1))]
    assert corrected(index, ["harbuor"], without=harbour) == {}
    assert corrected(index, ["harbour"], without=harbour) == {}


def test_names_of_documents_are_spelt_right(index: VectorIndex, pages: list[PagePoint]) -> None:
    index.upsert([replace(page, document_name="goud.pdf") for page in pages])
    assert corrected(index, ["goud", "goold"], {PageRef(A, 1): 0.5}) == {"goold": "gold"}


def test_what_is_only_a_stem_is_given_as_a_page_says_it(
    index: VectorIndex, pages: list[PagePoint], objects: ObjectStore
) -> None:
    index.upsert(pages)
    assert corrected(index, ["polici"]) == {}  # a term of the pages: nothing is wrong with it
    assert corrected(index, ["plici"]) == {"plici": "polici"}
    assert corrected(index, ["plici"], objects=objects) == {"plici": "policies"}
    assert corrected(index, ["revnue"], objects=objects) == {"revnue": "revenue"}


def test_a_stem_stands_for_no_much_longer_word(
    index: VectorIndex, pages: list[PagePoint], objects: ObjectStore
) -> None:
    said_there = said(["iterating"])
    index.upsert([replace(pages[0], text_terms=page_terms(said_there))])
    objects.put_page_words(pages[0].page, PageWords(tuple(said_there)))
    assert corrected(index, ["iyer"]) == {"iyer": "iter"}
    assert corrected(index, ["iyer"], objects=objects) == {}


def test_what_no_page_says_after_all_is_no_correction(
    index: VectorIndex, pages: list[PagePoint], objects: ObjectStore
) -> None:
    index.upsert(pages)
    objects.put_page_words(PageRef(B, 1), PageWords(tuple(said(["other", "words"]))))
    assert corrected(index, ["harbuor"]) == {"harbuor": "harbour"}
    assert corrected(index, ["harbuor"], objects=objects) == {}
    objects.delete_document(B)
    assert corrected(index, ["quaterly"], objects=objects) == {}


class _Counting:
    """An index that counts what it is asked."""

    def __init__(self, index: VectorIndex) -> None:
        self.schema, self._index = index.schema, index
        self.asked: list[int] = []

    def nearest(self, queries: Sequence[Any], *others: Any) -> Any:
        self.asked.append(len(queries))
        return self._index.nearest(queries, *others)

    def pages(self, points: Sequence[str]) -> Any:
        return self._index.pages(points)


def test_few_are_asked_for_by_themselves(edge: VectorIndex, pages: list[PagePoint]) -> None:
    edge.upsert(pages)
    counting: Any = _Counting(edge)
    assert corrected(counting, ["quaterly"], stages=[Stage.TEXT]) == {"quaterly": "quarterly"}
    assert counting.asked == [14, 32]  # 441 spellings in groups, those of one group
    counting.asked.clear()
    assert corrected(counting, ["misspellings" + "x" * n for n in range(8)]) == {}
    assert len(counting.asked) == 2
    assert max(counting.asked) < 300
    assert counting.asked[1] == 0


def test_where_pages_have_many_spellings_the_likeliest_are_asked_for(
    edge: VectorIndex, make_page: MakePage
) -> None:
    every = spellings("golden")
    edge.upsert([replace(make_page("a", 1), text_terms=page_terms(said(every)))])
    counting: Any = _Counting(edge)
    meant = corrected(counting, ["golden"], stages=[Stage.TEXT])["golden"]
    assert (every[meant], counting.asked) == (1.0, [11, 256])


def plan_finds(index: VectorIndex, built: SearchPlan, forgiven: Sequence[str] = ()) -> Found:
    return found_by(built, index, None, (), None, forgiven)


@pytest.mark.parametrize("mode", [SearchMode.HYBRID, SearchMode.TEXT])
def test_a_search_goes_no_further_once_a_word_is_corrected(
    index: VectorIndex, pages: list[PagePoint], plan: Plan, make_query: MakeQuery, mode: SearchMode
) -> None:
    index.upsert(pages)
    asked = plan(make_query(terms=("good", "revnue", "ethanol")), mode=mode)
    found = plan_finds(index, asked, ["revnue", "ethanol"])
    assert (found.corrected, list(found.candidates)) == ({"revnue": "revenue"}, [])
    assert set(found.missing) == {"revnue", "ethanol"}
    as_it_is = plan_finds(index, asked)
    assert as_it_is.candidates
    assert as_it_is.corrected == {}
    assert plan_finds(index, asked, ["ethanol", "good"]).candidates == as_it_is.candidates


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quaterly revnue of Amcor", {"quaterly", "revnue", "amcor"}),
        ("“revnue” or revnue?", {"revnue"}),
        ('the "quaterly revnue" and «fees»', set()),
        ("KX-7721 EBITDA 2023 pH don't long-term", set()),
        ("QUATERLY REVNUE", {"quaterly", "revnue"}),
        ("Ärger über Umsaetze", {"arger", "umsaetze", "uber"}),
        ("売上 pdf", set()),
    ],
)
def test_words_of_letters_may_be_misspelt(text: str, words: set[str], make_query: MakeQuery) -> None:
    terms = ("quaterly", "revnue", "amcor", "fees", "kx-7721", "7721", "ebitda", "2023", "don't")
    asked = make_query(terms=(*terms, "long-term", "arger", "uber", "umsaetze", "売上", "pdf"))
    assert forgivable(SearchRequest(text), replace(asked, known=frozenset())) == words
    # Without a vocabulary "long" would be taken for the only "song" of a library.
    assert forgivable(SearchRequest(text), asked) == {word for word in words if len(word) >= 7}
    known = replace(asked, known=frozenset({"revnue", "arger"}))
    assert forgivable(SearchRequest(text), known) == words - {"revnue", "arger"}
    assert forgivable(SearchRequest(text, page=PageRef("a", 1)), asked) == frozenset()
    assert forgivable(SearchRequest(), asked) == frozenset()


def test_a_question_is_corrected_where_it_says_the_word() -> None:
    question = "Revnue, “quaterly” revnue -revnue: revnues?"
    meant, shown = respelt(question, {"revnue": "revenue"})
    assert meant == "Revenue, “quaterly” revenue -revnue: revnues?"
    assert shown == {"Revnue": "Revenue", "revnue": "revenue"}
    assert as_meant(question, shown) == meant
    assert respelt("Ümsatz", {"umsatz": "umsatze"}) == ("Umsatze", {"Ümsatz": "Umsatze"})
    assert as_meant("", {}) == ""

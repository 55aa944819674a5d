"""Why a page was found: its regions, and a sentence that a person understands."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.words import said
from vdr.errors import BadInput, NotFound
from vdr.models.embedder import load_embedder
from vdr.objects.store import ObjectStore
from vdr.search.explaining import explain
from vdr.search.sentences import sentence
from vdr.settings import PAGE_READER, IndexSettings, ModelSettings
from vdr.types import Box, PageRef, PageWords, QueryVectors, Region, SearchRequest

HERE = Box(0.1, 0.1, 0.2, 0.2)
PAGE = PageRef("a" * 64, 1)


def asked(*terms, **changes):
    return QueryVectors(np.zeros(1, np.float32), terms=terms, **changes)


def page(text):
    return PageWords(tuple(said(text.split())))


class TestSentence:
    def test_words_that_are_printed_stand_on_the_page(self):
        shown = [Region(HERE, 1.0, ("net", "sales"))]
        assert sentence(asked("net", "sales"), page("Net sales rose"), shown) == (
            "“net” and “sales” stand on the page."
        )

    def test_a_related_word_stands_for_one_that_is_not(self):
        related = {"sales": "revenue", "income": "revenue"}
        one = sentence(asked("revenue", related=related), page("Net sales rose"), ())
        both = sentence(asked("revenue", related=related), page("income, sales"), ())
        assert one == "“sales” stands for “revenue”."
        assert both == "“sales” and “income” stand for “revenue”."

    def test_a_related_word_is_not_named_where_the_word_itself_stands(self):
        text = sentence(asked("revenue", related={"sales": "revenue"}), page("sales revenue"), ())
        assert text == "“revenue” stands on the page."

    def test_another_form_of_a_word_is_the_word(self):
        text = sentence(asked("harbour", forms={"harbours": "harbour"}), page("two harbours"), ())
        assert text == "“harbour” stands on the page."

    def test_what_no_word_answers_is_answered_by_likeness_or_by_nothing(self):
        shown = [Region(HERE, 1.0, ("growth",))]
        assert sentence(asked("net", "growth", "ethanol"), page("net"), shown) == (
            "“net” stands on the page; likeness answers “growth”; nothing answers “ethanol”."
        )

    def test_where_one_vector_answers_it_is_not_known_which_words(self):
        whole = [Region(HERE, 1.0)]
        assert sentence(asked("net", "growth"), page("net"), [Region(HERE, 0.5, ("net",)), *whole]) == (
            "“net” stands on the page; the other regions are those most like the query as a whole."
        )
        assert (
            sentence(asked(), PageWords(), whole) == "The regions are those most like the query as a whole."
        )

    def test_words_that_were_read_count_unless_they_are_hardly_legible(self):
        read = said(["ethanol"])
        assert sentence(asked("ethanol"), PageWords(read=tuple(read)), ()) == "“ethanol” stands on the page."
        faint = tuple(type(word)(word.text, word.box, 0.1) for word in read)
        assert sentence(asked("ethanol"), PageWords(read=faint), ()) == "Nothing answers “ethanol”."

    def test_of_many_words_the_first_are_named(self):
        words = [f"word{n}" for n in range(9)]
        assert sentence(asked(*words), page(" ".join(words)), ()).endswith(
            "“word5” and 3 more stand on the page."
        )

    def test_where_nothing_is_known_it_says_so(self):
        assert sentence(asked(), PageWords(), ()) == "Nothing answers the query."


@pytest.fixture(scope="module")
def embedder():
    return load_embedder(ModelSettings(embedder=PAGE_READER))


class TestExplain:
    @pytest.fixture
    def objects(self, tmp_path, embedder):
        image = Image.new("RGB", (900, 1_200), "white")
        for y, text in ((100, "Harbour dues were raised"), (900, "Net sales rose by a tenth")):
            ImageDraw.Draw(image).text((80, y), text, fill="black", font=ImageFont.load_default(32))
        webp = io.BytesIO()
        image.save(webp, "WEBP")
        (vectors,) = embedder.encode_pages([image])
        store = ObjectStore.open(IndexSettings(data_dir=tmp_path), "default", "g1")
        store.put_page(PAGE, webp.getvalue(), PageWords(read=vectors.words))
        return store

    def test_a_page_is_explained_from_what_is_kept_of_it(self, embedder, objects):
        explained = explain(embedder, objects, SearchRequest("How did revenue develop?"), PAGE)
        assert explained.sentence == "“sales” stands for “revenue”; nothing answers “develop”."
        assert [region.words for region in explained.regions] == [("revenue",)]
        assert explained.regions[0].box.y0 > 0.7

    def test_an_image_is_explained_by_what_it_shows(self, embedder, objects):
        query = Image.new("RGB", (900, 200), "white")
        ImageDraw.Draw(query).text((80, 60), "Harbour dues", fill="black", font=ImageFont.load_default(32))
        explained = explain(embedder, objects, SearchRequest(image=query), PAGE)
        assert explained.sentence == "“harbour” and “dues” stand on the page."

    def test_an_empty_query_is_refused(self, embedder, objects):
        with pytest.raises(BadInput, match="empty"):
            explain(embedder, objects, SearchRequest("  "), PAGE)

    def test_a_page_that_is_not_there_is_not_found(self, embedder, objects):
        with pytest.raises(NotFound):
            explain(embedder, objects, SearchRequest("dues"), PageRef(PAGE.document_id, 2))

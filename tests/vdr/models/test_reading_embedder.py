"""The page reader behind the Embedder protocol, as everybody first meets it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from vdr.errors import BadSetting, ModelError
from vdr.index import EdgeIndex
from vdr.index.bm25 import page_terms, query_terms
from vdr.index.schema import IndexSchema
from vdr.models.embedder import load_embedder
from vdr.search.execute import execute
from vdr.search.plan import plan_search
from vdr.settings import PAGE_READER, ModelSettings, SearchSettings
from vdr.types import PagePoint, PageRef, SearchRequest
from vdr.vectors import truncate


def page(text):
    image = Image.new("RGB", (900, 1_200), "white")
    ImageDraw.Draw(image).text((80, 200), text, fill="black", font=ImageFont.load_default(32))
    return image


@pytest.fixture(scope="module")
def embedder():
    return load_embedder(ModelSettings(embedder=PAGE_READER))


def test_pages_come_with_vector_words_and_regions(embedder):
    (vectors,) = embedder.encode_pages([page("Annual harbour report")])
    assert embedder.reads_words
    assert vectors.embedding.shape == (embedder.dims,)
    assert vectors.embedding.dtype == np.float32
    assert vectors.regions.shape[1] == embedder.region_dims
    assert vectors.regions.dtype == np.uint8
    assert {"annual", "report"} <= {word.text.lower() for word in vectors.words}


def test_text_and_image_queries_keep_their_places(embedder):
    text, image, other = embedder.encode_queries(["harbour report", page("harbour report"), "wind turbines"])
    assert text.terms == ("harbour", "report")
    assert text.embedding @ image.embedding > 0.8
    assert text.embedding @ other.embedding < 0.3


def test_words_that_ask_are_not_searched_for(embedder):
    (query,) = embedder.encode_queries(["What was the net profit of the harbour?"])
    assert query.terms == ("net", "profit", "harbour")


@pytest.fixture(scope="module")
def pages(embedder):
    lines = [
        "Net sales rose to 1,452",
        "Our turbines and gears",
        "Minutes of the board",
        "Revenue rose to 1,452",
    ]
    return embedder.encode_pages([page(line) for line in lines])


def test_revenue_finds_net_sales_and_sooner_revenue_itself(embedder, pages):
    (query,) = embedder.encode_queries(["How did revenue develop?"])
    asked = query_terms(query.terms, query.term_weights)
    sales, *others, revenue = (dot(asked, page_terms(vectors.words)) for vectors in pages)
    assert revenue > sales > 0 == max(others)


def test_other_forms_of_a_word_are_asked_for_and_count_less(embedder):
    (query,) = embedder.encode_queries(["Where is KX-7721-B?"])
    assert query.terms == ("kx-7721-b",)
    assert query.forms["7721"] == query.forms["kx7721b"] == "kx-7721-b"
    assert 0 < query.term_weights["7721"] < query.term_weights["kx-7721-b"]


def test_it_tells_which_words_stand_for_which(embedder):
    related = embedder.related_terms("What was the revenue?")
    (query,) = embedder.encode_queries(["What was the revenue?"])
    assert query.related == related
    assert related["sales"] == "revenue"
    assert "revenue" not in related


def test_a_search_for_revenue_shows_net_sales_before_what_is_not_about_it(embedder, pages, tmp_path):
    schema = IndexSchema("pages", embedder.fingerprint, embedder.dims, embedder.dims, embedder.region_dims)
    index = EdgeIndex.open(tmp_path, schema)
    index.upsert(
        [
            PagePoint(PageRef("doc", n), "doc.pdf", v.embedding, None, page_terms(v.words), v.regions)
            for n, v in enumerate(pages)
        ]
    )
    (query,) = embedder.encode_queries(["How did revenue develop?"])
    found = execute(plan_search(SearchRequest("revenue"), query, schema, SearchSettings()), index).candidates
    index.close()
    assert [candidate.page.page_number for candidate in found][:2] == [3, 0]


def test_words_that_tell_little_weigh_little(embedder):
    (query,) = embedder.encode_queries(["What is the percentage change in net income?"])
    weights = query.term_weights
    assert max(weights["percentage"], weights["change"]) < 0.5
    assert weights["income"] > 1


def dot(one, other):
    values = dict(zip(one.indices, one.values, strict=True))
    return sum(values.get(i, 0) * v for i, v in zip(other.indices, other.values, strict=True))


@pytest.mark.parametrize("query", ["harbour.png", "http://localhost:9/harbour.png"])
def test_a_text_that_looks_like_an_image_file_is_a_text(embedder, query):
    (vectors,) = embedder.encode_queries([query])
    assert any("harbour" in term for term in vectors.terms)
    assert vectors.embedding.any()


def test_no_queries_and_no_pages_are_no_vectors(embedder):
    assert embedder.encode_queries([]) == []
    assert embedder.encode_pages([]) == []


def test_a_query_without_words_has_an_empty_vector(embedder):
    (query,) = embedder.encode_queries(["?!"])
    assert not query.embedding.any()
    assert query.terms == ()
    assert query.tokens.rows.shape == (0, embedder.region_dims)


def test_fewer_dimensions_are_the_first_ones_renormalized(embedder):
    small = load_embedder(ModelSettings(embedder=PAGE_READER, dims=256))
    (full,), (cut,) = embedder.encode_queries(["harbour report"]), small.encode_queries(["harbour report"])
    assert cut.embedding == pytest.approx(
        full.embedding[:256] / np.linalg.norm(full.embedding[:256]), abs=1e-6
    )
    assert small.fingerprint != embedder.fingerprint


def test_loading_twice_gives_the_same_fingerprint(embedder):
    assert load_embedder(ModelSettings(embedder=PAGE_READER)).fingerprint == embedder.fingerprint


def test_more_dimensions_than_there_are_is_a_bad_setting():
    with pytest.raises(BadSetting, match="VDR_DIMS=4096"):
        load_embedder(ModelSettings(embedder=PAGE_READER, dims=4_096))


def test_a_checkpoint_that_is_not_there_is_a_model_error(tmp_path):
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder(ModelSettings(embedder=str(tmp_path / "nothing")))


def test_truncation_keeps_zero_rows_zero():
    cut = truncate(np.array([[3, 4, 5], [0, 0, 1]], np.float32), 2)
    assert cut == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))

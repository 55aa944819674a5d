"""Search from question to hit, with the shipped page reader and the embedded index."""

import io
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fixtures.reranker import DarkestFirst, MostOfTheQuestion
from vdr.errors import BadInput, ObjectDamaged
from vdr.index import EdgeIndex, IndexSchema, page_terms
from vdr.models.embedder import load_embedder
from vdr.models.reranker import LoadedStep
from vdr.objects.store import ObjectStore
from vdr.search.execute import Found
from vdr.search.request import in_documents
from vdr.search.searcher import Searcher
from vdr.settings import PAGE_READER, IndexSettings, ModelSettings, SearchSettings
from vdr.types import (
    Box,
    Candidate,
    PagePoint,
    PageRef,
    PageWords,
    Print,
    SearchMode,
    SearchRequest,
    Stage,
    Word,
)

PAGES = {
    "a": ["Harbour fees were raised in March", "The ferry carries forty cars"],
    "b": ["Wind turbine output by year", "Gear box warranty terms"],
}
ONLY_IN_TEXT_LAYER = "zanzibar"


def draw(text):
    image = Image.new("RGB", (900, 1_200), "white")
    ImageDraw.Draw(image).text((80, 200), text, fill="black", font=ImageFont.load_default(32))
    return image


def _webp(image):
    buffer = io.BytesIO()
    image.save(buffer, "WEBP")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def searcher(tmp_path_factory):
    settings = IndexSettings(data_dir=tmp_path_factory.mktemp("data"))
    embedder = load_embedder(ModelSettings(embedder=PAGE_READER))
    schema = IndexSchema("default", embedder.fingerprint, embedder.dims, 256, embedder.region_dims)
    index = EdgeIndex.open(settings.data_dir, schema)
    objects = ObjectStore.open(settings, "default", "g1")
    for name, texts in PAGES.items():
        for number, vectors in enumerate(embedder.encode_pages([draw(text) for text in texts]), start=1):
            hidden = (Word(ONLY_IN_TEXT_LAYER, Box(0, 0, 1, 1)),) if (name, number) == ("b", 2) else ()
            document = name * 64
            objects.put_page_image(PageRef(document, number), _webp(draw(texts[number - 1])))
            objects.put_page_words(PageRef(document, number), PageWords(hidden, vectors.words))
            terms = page_terms(hidden) if hidden else None
            point = PagePoint(
                PageRef(document, number),
                f"{name}.pdf",
                vectors.embedding,
                terms,
                page_terms(vectors.words),
                vectors.regions,
            )
            index.upsert([point])
    yield Searcher(embedder, index, objects, SearchSettings())
    index.close()


def ask(searcher, text=None, **options):
    return searcher.search(SearchRequest(text, **options))


def found(result):
    return [(hit.document_name, hit.page.page_number) for hit in result.hits]


@pytest.mark.parametrize(
    ("question", "document", "number"),
    [
        ("What do harbour fees cost since March?", "a.pdf", 1),
        ("How many cars fit on the ferry?", "a.pdf", 2),
        ("turbine output", "b.pdf", 1),
        ("Which warranty has the gear box?", "b.pdf", 2),
    ],
)
def test_a_question_finds_its_page_by_the_pixels_alone(searcher, question, document, number):
    for mode in (SearchMode.VISUAL, SearchMode.HYBRID):
        assert found(ask(searcher, question, mode=mode))[0] == (document, number)


def test_the_page_that_a_question_names_comes_first_without_marks_on_its_number(searcher):
    within = in_documents(["b" * 64])
    first = ask(searcher, "Which colour has the output on page 2?", filter=within, explain=True).hits[0]
    assert (first.page.page_number, Stage.PLACE in first.stages) == (2, True)
    assert "2" not in first.marks.terms
    assert ask(searcher, "harbour fees, page 4711", filter=in_documents(["a" * 64])).missing_words == ()


def test_an_image_is_a_question_too(searcher):
    assert found(ask(searcher, image=draw("ferry cars")))[0] == ("a.pdf", 2)


def test_a_page_that_answers_a_text_and_is_like_an_image_comes_first(searcher):
    image = draw("Wind turbine output")
    by_text, by_image = (found(ask(searcher, **one))[0] for one in ({"text": "warranty"}, {"image": image}))
    assert (by_text, by_image) == (("b.pdf", 2), ("b.pdf", 1))
    hits = ask(searcher, "output of cars and the ferry", image=draw("The ferry of March")).hits
    assert (hits[0].document_name, hits[0].page.page_number) == ("a.pdf", 2)
    for hit in hits:
        lesser, greater = sorted((hit.stages[Stage.QUERY], hit.stages[Stage.LIKE]))
        assert hit.score == pytest.approx(0.75 * lesser + 0.25 * greater)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_page_beside_a_text_is_not_among_the_hits_itself(searcher):
    page = PageRef("a" * 64, 1)
    result = ask(searcher, "gear warranty zebras", page=page)
    assert found(result)[0] == ("b.pdf", 2) and page not in [hit.page for hit in result.hits]
    assert result.missing_words == ("zebras",)


def test_a_hit_by_both_has_the_snippet_of_the_text_and_says_what_it_is_like(searcher):
    best = ask(searcher, "the cars of the ferry", image=draw("A ferry carries"), explain=True).hits[0]
    assert "Ferry" in best.snippet.text.title() and set(best.snippet.matched) == {"cars", "ferry"}
    assert "like the image or page searched by" in best.reason
    assert best.votes[Stage.LIKE].rank == 1


def test_words_to_leave_out_and_filters_count_for_both_sides(searcher):
    image = draw("Harbour fees in March, gear box")
    assert ("a.pdf", 1) in found(ask(searcher, "ferry", image=image))
    assert ("a.pdf", 1) not in found(ask(searcher, "ferry -March", image=image))
    within = in_documents(["b" * 64])
    assert {name for name, _ in found(ask(searcher, "warranty", image=image, filter=within))} == {"b.pdf"}
    with pytest.raises(BadInput, match="only what to leave out"):
        ask(searcher, "-March", image=image)


def test_each_side_is_reranked_by_what_takes_it(searcher):
    words, images = MostOfTheQuestion(), DarkestFirst()
    chained = replace(searcher, rerankers=[LoadedStep(words, 4), LoadedStep(images, 2)])
    image = draw("ferry cars")
    hits = ask(chained, "gear box warranty", image=image).hits
    assert [question for question, _ in words.asked] == ["gear box warranty"]
    assert images.asked == [("gear box warranty", 2), (image, 2)]
    assert all(0 <= hit.score <= 1 for hit in hits)
    parts = [ask(chained, "gear box warranty", image=image, limit=1, offset=n).hits for n in range(4)]
    assert [hit.page for part in parts for hit in part] == [hit.page for hit in hits]


def test_text_mode_sees_the_text_layer_alone(searcher):
    assert found(ask(searcher, ONLY_IN_TEXT_LAYER, mode=SearchMode.TEXT)) == [("b.pdf", 2)]
    assert ask(searcher, "harbour", mode=SearchMode.TEXT).hits == ()


def test_visual_mode_never_sees_the_text_layer(searcher):
    hits = ask(searcher, ONLY_IN_TEXT_LAYER, mode=SearchMode.VISUAL).hits
    assert all(Stage.TEXT not in hit.stages for hit in hits)


def test_hits_are_ranked_named_and_explained(searcher):
    result = ask(searcher, "harbour fees", limit=2)
    first = result.hits[0]
    assert [hit.rank for hit in result.hits] == [1, 2]
    assert "Harbour" in first.snippet.text
    assert first.snippet.from_pixels
    assert {Stage.FULL, Stage.READ, Stage.FUSION, Stage.LATE_INTERACTION} <= set(first.stages)
    assert first.score >= result.hits[1].score
    assert set(result.timings_ms) == {"embed", "index", "snippets", "total"}


@pytest.mark.parametrize("explain", [False, True])
def test_a_snippet_has_no_words_that_are_but_a_guess(searcher, explain):
    page = ask(searcher, "harbour fees", limit=1).hits[0].page
    words = searcher.objects.page_words(page)
    guess = Word("harbvur", words.read[0].box, 0.1)
    searcher.objects.put_page_words(page, replace(words, read=(guess, *words.read)))
    shown = ask(searcher, "harbour fees", limit=1, explain=explain).hits[0].snippet.text
    searcher.objects.put_page_words(page, words)
    assert "Harbour" in shown and "harbvur" not in shown


def test_reranking_can_be_switched_off(searcher):
    assert all(
        Stage.LATE_INTERACTION not in hit.stages for hit in ask(searcher, "harbour", rerank=False).hits
    )


def test_a_cross_encoder_has_the_last_word_on_all_that_is_returned(searcher):
    reranker = DarkestFirst()
    twice = replace(searcher, rerankers=[LoadedStep(reranker)])
    result = ask(twice, "harbour fees", limit=3)
    assert reranker.asked == [("harbour fees", 4)]  # all pages there are, fewer than VDR_RERANK_CANDIDATES
    scores = [hit.score for hit in result.hits]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)
    assert all(hit.stages[Stage.CROSS_ENCODER] == hit.score for hit in result.hits)
    assert set(result.timings_ms) == {"embed", "index", "rerank", "snippets", "total"}


@pytest.mark.parametrize(("rerank", "candidates"), [(False, 50), (True, 0)])
def test_a_cross_encoder_can_be_switched_off(searcher, rerank, candidates):
    reranker = DarkestFirst()
    settings = SearchSettings(rerank_candidates=candidates)
    once = ask(
        replace(searcher, rerankers=[LoadedStep(reranker)], settings=settings), "harbour", rerank=rerank
    )
    assert reranker.asked == [] and once.hits


def test_a_cross_encoder_of_words_reads_what_the_mode_looks_at(searcher):
    reranker = MostOfTheQuestion()
    reading = replace(searcher, rerankers=[LoadedStep(reranker)])
    result = ask(reading, "which warranty has the gear box", limit=20)
    assert found(result)[0] == ("b.pdf", 2)
    assert "rerank" in result.timings_ms
    scores = [hit.stages[Stage.CROSS_ENCODER] for hit in result.hits]
    assert scores == [hit.score for hit in result.hits] == sorted(scores, reverse=True)
    [(question, pages)] = reranker.asked
    assert question == "which warranty has the gear box" and len(pages) == len(result.hits)
    ask(reading, ONLY_IN_TEXT_LAYER, mode=SearchMode.TEXT)
    assert reranker.asked[-1] == (ONLY_IN_TEXT_LAYER, [(ONLY_IN_TEXT_LAYER,)])
    ask(reading, ONLY_IN_TEXT_LAYER, mode=SearchMode.VISUAL)
    windows = [text for _, pages in reranker.asked[2:] for page in pages for text in page]
    assert all(ONLY_IN_TEXT_LAYER not in text for text in windows)


def test_who_asks_why_is_told_what_a_cross_encoder_of_words_has_read(searcher):
    reranker = MostOfTheQuestion()
    reading = replace(searcher, rerankers=[LoadedStep(reranker)])
    question = "which warranty has the gear box"
    hits = ask(reading, question, limit=20, explain=True).hits
    [(_, pages)] = reranker.asked
    assert {hit.windows for hit in hits} == {tuple(page) for page in pages}
    assert "warranty" in hits[0].windows[0]
    assert all(hit.windows == () for hit in ask(reading, question, limit=20).hits)
    assert all(hit.windows == () for hit in ask(searcher, question, explain=True).hits)


def test_a_cross_encoder_of_words_is_not_asked_with_an_image_or_a_page(searcher):
    reranker = MostOfTheQuestion()
    reading = replace(searcher, rerankers=[LoadedStep(reranker)])
    assert found(ask(reading, image=draw("ferry cars")))[0] == ("a.pdf", 2)
    ask(reading, page=PageRef("a" * 64, 1))
    assert reranker.asked == []


def test_rerankers_work_one_after_the_other_and_skip_what_they_cannot_read(searcher):
    words, images = MostOfTheQuestion(), DarkestFirst()
    chained = replace(searcher, rerankers=[LoadedStep(depth=4), LoadedStep(words, 3), LoadedStep(images, 2)])
    hits = ask(chained, "which warranty has the gear box").hits
    assert [len(pages) for _, pages in words.asked] == [3]
    assert images.asked == [("which warranty has the gear box", 2)]
    assert all(Stage.LATE_INTERACTION in hit.stages for hit in hits)
    assert [Stage.CROSS_ENCODER in hit.stages for hit in hits] == [True, True, True, False]
    parts = [ask(chained, "which warranty has the gear box", limit=1, offset=n).hits for n in range(4)]
    assert [hit for part in parts for hit in part] == list(hits)
    words.asked.clear()
    images.asked.clear()
    image = draw("ferry cars")
    assert Stage.CROSS_ENCODER in ask(chained, image=image).hits[0].stages
    assert (words.asked, images.asked) == ([], [(image, 2)])


def test_pages_without_words_follow_those_that_were_read_and_damaged_ones_are_left_out(searcher, monkeypatch):
    reading = replace(searcher, rerankers=[LoadedStep(MostOfTheQuestion())])
    pages = [hit.page for hit in ask(reading, "harbour fees cars", limit=20).hits]
    silent, damaged = pages[0], pages[1]
    read = ObjectStore.page_print

    def page_print(store, page):
        if page == damaged:
            raise ObjectDamaged("damaged", remedy="")
        return (Print(), lambda: (Print(), Print())) if page == silent else read(store, page)

    monkeypatch.setattr(ObjectStore, "page_print", page_print)
    again = ask(reading, "harbour fees cars", limit=20).hits
    assert [hit.page for hit in again] == [*pages[2:], silent]
    assert Stage.CROSS_ENCODER not in again[-1].stages


def test_a_filter_keeps_to_its_documents(searcher):
    hits = ask(searcher, "harbour fees by year", filter=in_documents(["b" * 64])).hits
    assert {hit.document_name for hit in hits} == {"b.pdf"}


@pytest.mark.parametrize("mode", [SearchMode.HYBRID, SearchMode.VISUAL])
def test_pages_that_say_a_word_to_leave_out_are_not_found(searcher, mode):
    whole, without = (ask(searcher, f"harbour fees cars {more}", mode=mode) for more in ("", "-March"))
    assert found(whole)[0] == ("a.pdf", 1)
    assert found(without)[0] == ("a.pdf", 2)
    assert {*found(whole)} - {*found(without)} == {("a.pdf", 1)}
    assert set(without.missing_words) == {"harbour", "fees"}
    several = found(ask(searcher, "harbour fees cars -March -ferry", mode=mode))
    assert not {("a.pdf", 1), ("a.pdf", 2)} & {*several}


def test_pages_that_have_a_quoted_phrase_are_preferred_and_others_stay(searcher):
    plain, quoted, turned = (
        ask(searcher, f"harbour fees in March, {output}").hits
        for output in ("turbine output", '"Turbine output"', '"output turbine"')
    )
    assert [(hit.document_name, hit.page.page_number) for hit in (plain[0], quoted[0])] == [
        ("a.pdf", 1),
        ("b.pdf", 1),
    ]
    assert quoted[0].stages[Stage.PHRASE] == 1.0
    assert {hit.page for hit in quoted} == {hit.page for hit in plain}
    assert all(Stage.PHRASE not in hit.stages for hit in (*plain, *quoted[1:]))
    assert [hit.page for hit in turned] == [hit.page for hit in plain]


@pytest.mark.parametrize("mode", list(SearchMode))
def test_a_phrase_is_read_where_the_mode_looks(searcher, mode):
    hits = ask(searcher, f'gear warranty "{ONLY_IN_TEXT_LAYER} terms" "gear box"', mode=mode).hits
    phrases = {(hit.document_name, hit.page.page_number): hit.stages.get(Stage.PHRASE) for hit in hits}
    assert phrases.get(("b.pdf", 2)) == (0.5 if mode is SearchMode.VISUAL else None)


def test_a_word_to_leave_out_that_no_page_says_leaves_out_none(searcher):
    assert found(ask(searcher, "harbour fees -krill")) == found(ask(searcher, "harbour fees"))


def test_where_the_text_layer_alone_says_it_the_mode_decides(searcher):
    leaving_out = f"gear box warranty -{ONLY_IN_TEXT_LAYER}"
    assert ("b.pdf", 2) not in found(ask(searcher, leaving_out))
    assert found(ask(searcher, leaving_out, mode=SearchMode.VISUAL))[0] == ("b.pdf", 2)


@pytest.mark.parametrize("query", ["-march", " -march  -fees "])
def test_a_query_that_only_leaves_out_is_bad_input(searcher, query):
    with pytest.raises(BadInput, match="only what to leave out"):
        ask(searcher, query)


@pytest.mark.parametrize("mode", list(SearchMode))
@pytest.mark.parametrize("query", ["asdkjh qwelkj", "xqzzt brrfl", "florp"])
def test_nonsense_finds_nothing(searcher, query, mode):
    assert ask(searcher, query, mode=mode).hits == ()


def test_a_hit_says_which_words_of_the_query_its_page_has(searcher):
    best = ask(searcher, "Which warranty have gears on Mars?").hits[0]
    assert set(best.snippet.matched) == {"warranty", "gears"}
    assert ask(searcher, "gear", explain=True).hits[0].snippet.matched == ("gear",)


def test_words_of_the_question_that_no_page_has_are_told_as_it_writes_them(searcher):
    assert ask(searcher, "Which “warranty” have gears on Mars?").missing_words == ("Mars",)
    assert ask(searcher, "warranty, 7712-X! AND Harbours").missing_words == ("7712-X",)
    assert ask(searcher, "asdkjh qwelkj").missing_words == ("asdkjh", "qwelkj")
    assert ask(searcher, "warranty").missing_words == ()


def test_a_misspelt_word_is_searched_for_as_it_is_meant(searcher):
    right, typed = (ask(searcher, f"{word} fees and zebras", explain=True) for word in ("Harbour", "Harbuor"))
    assert (right.corrected_words, typed.corrected_words) == ({}, {"Harbuor": "Harbour"})
    assert typed.missing_words == right.missing_words == ("zebras",)
    assert typed.hits == right.hits
    best = typed.hits[0]
    assert set(best.snippet.matched) == {"harbour", "fees"}
    assert "harbour" in best.marks.words
    assert "“harbour”" in best.reason


@pytest.mark.parametrize("mode", [SearchMode.HYBRID, SearchMode.VISUAL])
def test_two_misspelt_words_are_corrected_at_once(searcher, mode):
    result = ask(searcher, "turbin ouptut", mode=mode)
    assert result.corrected_words in ({"ouptut": "output"}, {"turbin": "turbine", "ouptut": "output"})
    assert found(result)[0] == ("b.pdf", 1)


def test_the_text_layer_alone_is_asked_for_spellings_in_text_mode(searcher):
    typed = "zanzibra harbuor"
    assert ask(searcher, typed, mode=SearchMode.TEXT).corrected_words == {"zanzibra": ONLY_IN_TEXT_LAYER}
    assert ask(searcher, typed, mode=SearchMode.VISUAL).corrected_words == {"harbuor": "harbour"}
    both = {"zanzibra": ONLY_IN_TEXT_LAYER, "harbuor": "harbour"}
    assert ask(searcher, typed).corrected_words == both


def test_what_is_quoted_known_or_on_other_pages_is_searched_for_as_it_is(searcher):
    assert ask(searcher, "“harbuor” fees").corrected_words == {}
    assert ask(searcher, "“harbuor” fees").missing_words == ("harbuor",)
    within = in_documents(["b" * 64])
    assert ask(searcher, "output of harbours", filter=within).corrected_words == {}
    assert ask(searcher, "ouptut of harbuor", filter=within).corrected_words == {"ouptut": "output"}
    known = searcher.embedder.encode_queries(["turbine years"])[0].known
    assert "years" in known


def test_documents_come_together_for_a_misspelt_question_too(searcher):
    right, typed = (ask(searcher, f"{word} fees", pages_per_document=1) for word in ("harbour", "harbuor"))
    assert (typed.hits, typed.pages_found) == (right.hits, right.pages_found)


def test_an_image_that_shows_a_misspelt_word_is_no_question(searcher):
    assert ask(searcher, image=draw("harbuor fees")).corrected_words == {}


def test_an_offset_goes_on_where_the_page_before_ended(searcher):
    whole = ask(searcher, "harbour fees", limit=4).hits
    parts = [ask(searcher, "harbour fees", limit=2, offset=offset).hits for offset in (0, 2, 4)]
    assert [hit for part in parts for hit in part] == list(whole)
    assert parts[2] == ()


def test_who_asks_for_marks_gets_them_with_the_snippet_from_one_reading(searcher, monkeypatch):
    reads = []
    read = ObjectStore._prints
    monkeypatch.setattr(ObjectStore, "_prints", lambda store, key: reads.append(key) or read(store, key))
    plain = ask(searcher, "harbour fees", limit=2).hits
    explained = ask(searcher, "harbour fees", limit=2, explain=True).hits
    assert len(reads) == len(set(reads)) * 2 == 8  # of two hits the document's words and the generation's
    assert [replace(hit, marks=None, votes={}, reason="") for hit in explained] == list(plain)
    assert all(hit.marks is None for hit in plain)
    marks = explained[0].marks
    assert {"harbour", "fees"} <= marks.terms
    assert len(marks.boxes) == 2 and all(0.1 < box.y0 < box.y1 < 0.3 for box in marks.boxes)


@pytest.mark.parametrize(("read", "is_looked_at"), [(5.2, False), (6.0, True)])
def test_words_of_pixels_are_read_for_a_snippet_where_they_may_have_notably_more(
    searcher, monkeypatch, read, is_looked_at
):
    page, reads = PageRef("b" * 64, 2), []
    stages = {Stage.TEXT: 5.0, Stage.READ: read}
    found = Found((Candidate(page, "b.pdf", 0.5, stages),))
    monkeypatch.setattr("vdr.search.searcher.execute", lambda *_: found)
    get = ObjectStore._prints
    monkeypatch.setattr(ObjectStore, "_prints", lambda store, key: reads.append(key) or get(store, key))
    (hit,) = ask(searcher, f"{ONLY_IN_TEXT_LAYER} gear box warranty").hits
    assert (len(reads), hit.snippet.from_pixels) == ((2, True) if is_looked_at else (1, False))


@pytest.mark.parametrize("query", [None, "", "   "])
def test_an_empty_question_is_bad_input(searcher, query):
    with pytest.raises(BadInput, match="empty"):
        ask(searcher, query)


def test_a_page_whose_words_are_damaged_still_has_its_hit(searcher, tmp_path, caplog):
    objects = ObjectStore.open(IndexSettings(data_dir=tmp_path), "default", "g1")
    objects.put_page_words(PageRef("a" * 64, 1), PageWords())
    (words,) = tmp_path.rglob("pages/1.json")
    words.write_bytes(words.read_bytes()[:-1])
    hit = ask(replace(searcher, objects=objects), "harbour fees").hits[0]
    assert (hit.document_name, hit.snippet.text) == ("a.pdf", "")
    assert "pages/1.json" in caplog.text


def test_a_page_deleted_meanwhile_still_has_its_hit(searcher):
    searcher.objects.delete_document("a" * 64)
    hit = ask(searcher, "harbour fees").hits[0]
    assert (hit.document_name, hit.snippet.text) == ("a.pdf", "")
    by_images = ask(replace(searcher, rerankers=[LoadedStep(DarkestFirst())]), "harbour fees").hits
    assert by_images and {hit.document_name for hit in by_images} == {"b.pdf"}

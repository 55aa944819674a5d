"""Of the phrases of a PDF, those are kept that lead back to their page."""

import random

import pytest

from tests.training.pairs.parts import layout, row, write_filing
from training.pairs.config import PhrasesConfig
from training.pairs.pdf_documents import open_pdfs
from training.pairs.phrases import (
    Phrase,
    cap,
    drop_repeated,
    find_phrases,
    keep_findable,
    phrase_queries,
    without_repeated_rows,
)

TOPICS = ["steel", "copper", "timber", "cotton"]


@pytest.fixture
def filing(tmp_path, settings):
    return open_pdfs([write_filing(tmp_path / "acme.pdf", "Acme", TOPICS)], settings).documents[0]


def test_queries_of_a_pdf_name_its_pages_and_rules(filing):
    queries, _ = phrase_queries(filing, PhrasesConfig(), seed=0)
    found = {(query.text, query.page_numbers, query.rule) for query in queries}
    assert ("Steel of Acme", (1,), "heading") in found
    assert ("Shares of copper suppliers by region", (2,), "caption") in found
    assert any(rule == "table-cell" and text.startswith("Timber") for text, _, rule in found)
    assert all(query.document == "acme.pdf" and query.source == "phrases" for query in queries)


def test_the_same_seed_gives_the_same_queries(filing):
    config = PhrasesConfig(per_page=2, per_document=5)
    runs = [phrase_queries(filing, config, seed)[0] for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2] and len(runs[0]) == 5


def test_only_the_rules_asked_for_are_used(filing):
    queries, _ = phrase_queries(filing, PhrasesConfig(rules=("caption",)), seed=0)
    assert {query.rule for query in queries} == {"caption"} and len(queries) == 4


def test_a_pdf_without_text_has_no_queries(filing):
    silent = type(filing)("silent.pdf", filing.path, (layout(),), filing.settings)
    assert phrase_queries(silent, PhrasesConfig(), 0)[0] == []


def footed(number):
    rows = [row(60 + 20 * n, (60, f"line {'abcdef'[number % 6] * n} of it")) for n in range(4)]
    return layout(*rows, row(800, (60, f"Acme annual filing, page {number}")), number=number)


def test_headers_and_footers_go_whatever_their_page_number():
    pages = without_repeated_rows([footed(number) for number in range(1, 6)])
    assert not any("annual filing" in page.text for page in pages)
    assert all("line" in page.text for page in pages)


def test_what_few_pages_share_stays_and_so_does_what_stands_in_the_middle():
    assert "annual filing" in without_repeated_rows([footed(1), footed(2)])[0].text
    years = [
        row(60 + 20 * n, (60, text)) for n, text in enumerate(("a", "b", "c", "2022 2021", "d", "e", "f"))
    ]
    pages = without_repeated_rows([layout(*years, number=number) for number in range(1, 6)])
    assert [page.text for page in pages] == ["2022 2021"] * 5


def test_phrases_of_several_pages_or_twice_on_one_are_dropped():
    phrases = [
        Phrase("Net sales", 0, "heading"),
        Phrase("Risk factors", 0, "heading"),
        Phrase("risk factor", 3, "heading"),
        Phrase("sales, net", 0, "bold-term"),
    ]
    kept, dropped = drop_repeated(phrases)
    assert [phrase.text for phrase in kept] == ["Net sales"]
    assert dropped == {"on several pages": 2, "twice on a page": 1}


TEXTS = [
    "copper wire prices",
    "copper wire copper wire",
    "timber prices",
    "cotton prices",
    "wool",
    "leather prices",
]


def test_a_phrase_whose_page_is_not_the_best_match_is_dropped():
    phrases = [
        Phrase("wool", 4, "heading"),
        Phrase("copper wire", 0, "heading"),
        Phrase("prices", 2, "heading"),
    ]
    kept, dropped = keep_findable(phrases, TEXTS, 0.0, random.Random(0))
    assert [phrase.text for phrase in kept] == ["wool"]
    assert dropped == {"matches many pages": 1, "matches other pages better": 1}


def test_a_share_may_come_second():
    phrases = [Phrase("wool", 4, "heading"), Phrase("copper wire", 0, "heading")]
    kept, _ = keep_findable(phrases, TEXTS, 0.5, random.Random(0))
    assert [phrase.text for phrase in kept] == ["wool", "copper wire"]


def test_rules_take_turns_under_the_cap():
    sentences = [
        Phrase(f"{word} sold in 2019", 0, "key-sentence") for word in ("steel", "wool", "tin", "zinc")
    ]
    phrases = [*sentences, Phrase("Risk factors", 0, "heading"), Phrase("other page", 1, "heading")]
    chosen, over = cap(phrases, PhrasesConfig(per_page=2), random.Random(0))
    assert sorted(phrase.rule for phrase in chosen if phrase.page_index == 0) == ["heading", "key-sentence"]
    assert over == {"over the cap": 3} and chosen[-1].text == "other page"


def test_phrases_that_say_much_the_same_share_one_place():
    phrases = [Phrase(f"Net sales products {year}", 0, "table-cell") for year in (2018, 2019, 2020)]
    chosen, _ = cap(phrases, PhrasesConfig(), random.Random(0))
    assert len(chosen) == 1


def test_a_phrase_found_twice_by_a_rule_is_one():
    page = layout(row(60, (60, "Risk factors"), size=18), row(160, (60, "Risk factors"), size=18), number=3)
    assert list(find_phrases(page, ("heading",))) == []
    body = row(200, (60, "a great many letters of body text in the usual size"))
    page = layout(
        row(60, (60, "Risk factors"), size=18), row(160, (60, "Risk factors"), size=18), body, number=3
    )
    assert list(find_phrases(page, ("heading",))) == [Phrase("Risk factors", 2, "heading")]


def test_phrases_of_other_scripts_lead_back_to_their_page_too():
    texts = ["Чистая прибыль компании", "Долгосрочные обязательства банка", "Прочие активы фонда"]
    phrases = [Phrase(text, place, "heading") for place, text in enumerate(texts)]
    assert keep_findable(phrases, texts, 0.0, random.Random(0)) == (phrases, {})

"""What stands on a page becomes what a person might type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.pairs.phrasing import (
    as_phrase,
    content_words,
    has_fact,
    is_phrase,
    likeness_key,
    search_phrase,
    sentences,
)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Item 1A.  Risk Factors", "Risk Factors"),
        ("ITEM 7. MANAGEMENT’S DISCUSSION", "management’s discussion"),
        ("2.1.3 Statistical methods", "Statistical methods"),
        ("(a) Basis of presentation:", "Basis of presentation"),
        ("• Net sales by category(1)", "Net sales by category"),
        ("Inventories (Unaudited) ........ 14", "Inventories"),
        ("Revenue (in millions)", "Revenue"),
        ("89 million restricted stock units", "89 million restricted stock units"),
        ("2022 Annual Report", "2022 Annual Report"),
        ("“Free cash flow”", "Free cash flow"),
        ("NASA", "NASA"),
        ("Note 3", "Note 3"),
    ],
)
def test_numbering_marks_and_capitals_go(text, phrase):
    assert as_phrase(text) == phrase


@given(st.text(max_size=60))
def test_a_phrase_has_single_spaces_and_no_longer_text(text):
    phrase = as_phrase(text)
    assert phrase == " ".join(phrase.split()) and len(phrase) <= len(text.lower()) + 3


@pytest.mark.parametrize(
    "text",
    [
        "Revenue",
        "the and of",
        "12 34 56 78",
        "September 20, 2022 November 29, 2022",
        "Approximate dollar value of",
        "contact press@example.com today",
        "visit www.example.com for news",
        "one (two three",
        "(Registrant's telephone number)",
        "first point • second point",
        " ".join(["word"] * 13),
    ],
)
def test_what_nobody_would_type_is_no_phrase(text):
    assert not is_phrase(text)


@pytest.mark.parametrize("text", ["net revenue 2019", "Risk factors", "iPhone net sales rose 3%"])
def test_what_people_type_is_a_phrase(text):
    assert is_phrase(text)


def test_content_words_keep_names_numbers_and_amounts_whole():
    words = content_words("The Company paid $3.8 billion for the A380 in the fall of 2022.")
    assert words == ["Company", "paid", "$3.8 billion", "A380", "fall", "2022"]


def test_sentences_without_an_end_are_none():
    assert sentences("First one. Second one! And a heading") == ["First one.", "Second one!"]


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("Mac sales fell 7% in 2022, due primarily to lower demand.", "Mac sales fell 7% 2022"),
        ("Acme owns three plants in Bremen; others are leased.", "Acme owns three plants Bremen"),
        (
            "In March 2022, the Superior Court dismissed the claim.",
            "Superior Court dismissed claim March 2022",
        ),
        ("On May 2, 2019, Acme sold its plant.", "Acme sold plant May 2 2019"),
        ("In the opinion of management, Acme incurred no material loss.", "Acme incurred material loss"),
        ("In January 2022, we sold the plant in Bremen.", ""),
        ("We sold the plant in Bremen.", ""),
        ("This increased by 7%.", ""),
        ("See Note 3 for details.", ""),
        ("continued from above in 2019.", ""),
        ("Michener LA, McClure PW, Sennett BJ, American Shoulder and Elbow Surgeons.", ""),
    ],
)
def test_a_sentence_shrinks_to_its_main_clause_if_it_says_what_it_is_about(sentence, phrase):
    assert search_phrase(sentence) == phrase


def test_abbreviations_do_not_end_a_sentence():
    text = "Acme Inc. and the U.S. Government met Dr. Smith. All was well."
    assert sentences(text) == ["Acme Inc. and the U.S. Government met Dr. Smith.", "All was well."]


@given(st.text(max_size=200))
def test_a_search_phrase_of_anything_has_at_most_eight_words(text):
    assert len(search_phrase(text).split()) <= 9 or any(map(str.isdigit, text))


def test_a_search_phrase_is_short():
    assert len(search_phrase("Alpha " * 30 + "ends.").split()) == 8


def test_facts_are_numbers_and_names():
    assert has_fact("sales rose 3%") and has_fact("plant near Bremen")
    assert not has_fact("Sales rose strongly")


def test_queries_of_the_same_words_are_alike():
    assert likeness_key("Net sales by region, 2019") == likeness_key("2019 net sale of the regions")
    assert likeness_key("net loss") != likeness_key("net losses of banks")


def test_queries_of_small_words_alone_are_not_all_the_same():
    assert likeness_key("Who is he?") != likeness_key("What is it?")
    assert likeness_key("?!") != likeness_key("...")
    assert likeness_key("What is the profit?") == likeness_key("profits of which")

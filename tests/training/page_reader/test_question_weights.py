"""Weights of words learned from questions about a handful of pages."""

from training.page_reader.question_weights import LARGEST, SMALLEST, learn_weights
from training.page_reader.synonyms import Corpus

TOPICS = ["whales", "trams", "bridges", "apples", "harbours", "turbines"]
# Each page names its topic; "percentage" stands where it is not asked for.
PAGES = [f"{topic} in 2019" for topic in TOPICS] + ["the percentage of it"] * 2
QUESTIONS = [(f"What percentage of {topic} in 2019?", n) for n, topic in enumerate(TOPICS)] * 4


def test_a_word_that_leads_astray_weighs_less_and_one_that_leads_to_the_page_more():
    weights = learn_weights(QUESTIONS, PAGES, Corpus.of(PAGES))
    assert SMALLEST <= weights["percentage"] < 0.8
    assert all(1.1 < weights[topic] <= LARGEST for topic in TOPICS)


def test_numbers_and_words_that_are_rarely_asked_are_not_weighed():
    weights = learn_weights([*QUESTIONS, ("Which lorry?", 0)], PAGES, Corpus.of(PAGES))
    assert "2019" not in weights
    assert "lorry" not in weights

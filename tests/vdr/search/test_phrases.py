"""Which phrases a question quotes, and which pages have them word for word."""

import pytest

from vdr.search.phrases import phrase_share, phrases_in
from vdr.types import Print


@pytest.mark.parametrize(
    ("question", "phrases"),
    [
        ('Where is "net sales" defined?', ("net sales",)),
        ("„Netto Umsatz“ und «chiffre d'affaires»", ("netto umsatz", "chiffre d affaires")),
        ('"Net sales", "net  Sales" or "NET SALES."', ("net sales",)),
        ('Who wrote "Tides"?', ()),
        ('How long is a 5" pipe of 3" steel?', ()),
        ("It's the harbour's fee, isn't it?", ()),
        ("Answer as a list like ['Page 2', 'Page 4'] or [\"first page\", \"last page\"].", ()),
        (f'"{"very " * 30}long"', ()),
        ('"of the"', ("of the",)),
        ('"unfinished business', ()),
        ("", ()),
    ],
)
def test_phrases_are_two_words_in_quotes_and_more(question: str, phrases: tuple[str, ...]) -> None:
    assert phrases_in(question) == phrases


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Net sales rose", 1.0),
        ("NET SALES, rose", 1.0),
        ("our net- sales rose", 1.0),
        ("sales net of tax", 0.0),
        ("net of sales", 0.0),
        ("cabinet salesman", 0.0),
        ("internet sales", 0.0),
        ("", 0.0),
    ],
)
def test_a_page_has_a_phrase_word_for_word(text: str, share: float) -> None:
    assert phrase_share(Print(tuple(text.split())), ("net sales",)) == share


def test_of_several_phrases_it_has_a_share() -> None:
    page = Print(("Net", "sales", "by", "region"))
    assert phrase_share(page, ("net sales", "by region", "by country", "per share")) == 0.5

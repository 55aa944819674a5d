"""Which words are one mistake away from a word, and how likely each mistake is."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vdr.words import may_be_misspelt, spellings

words = st.text(string.ascii_lowercase, min_size=4, max_size=12)
letters = st.sampled_from(string.ascii_lowercase)


@given(words, st.data(), letters)
def test_every_word_that_is_one_mistake_away_is_among_them(
    word: str, data: st.DataObject, letter: str
) -> None:
    place = data.draw(st.integers(0, len(word) - 1))
    before, at, after = word[:place], word[place], word[place + 1 :]
    made = {before + after, before + letter + at + after, before + letter + after, word + letter}
    made.add(before + after[:1] + at + after[1:])
    assert made - {word} <= spellings(word).keys()


@given(words)
def test_mistakes_can_be_made_either_way_and_none_is_none(word: str) -> None:
    found = spellings(word)
    assert word not in found
    assert all(0 < likely <= 1 for likely in found.values())
    assert all(len(each) in range(len(word) - 1, len(word) + 2) for each in found)
    others = [each for each in found if may_be_misspelt(each)]
    assert all(word in spellings(each) for each in others[:: max(len(others) // 5, 1)])


@pytest.mark.parametrize(
    ("word", "likelier", "than"),
    [
        ("glod", "gold", "good"),  # two letters swapped, another letter
        ("acount", "account", "amount"),  # one of two left out, another letter
        ("revenu", "revenue", "revend"),  # a letter left out, another letter
        ("rate", "rare", "rake"),  # a letter next to the other on the keyboard, a far one
        ("defenite", "definite", "defelite"),  # a vowel for another
        ("lease", "leave", "tease"),  # not the first letter
    ],
)
def test_what_goes_wrong_more_often_is_likelier(word: str, likelier: str, than: str) -> None:
    found = spellings(word)
    assert found[likelier] > found[than] > 0


def test_each_script_has_its_own_letters() -> None:
    assert "выручка" in spellings("вырчка")
    assert "εσοδα" in spellings("εσδοα")
    assert not any(each.isascii() for each in spellings("вырчка"))


@pytest.mark.parametrize("word", ["", "net", "kx77", "3.5", "don't", "long-term", "売上", "a" * 21, "netпо"])
def test_short_words_codes_and_other_scripts_have_no_spellings(word: str) -> None:
    assert not may_be_misspelt(word)
    assert word == "net" or spellings(word) == {} or len(word) > 20

"""What a query in words looks for, and what it leaves out."""

import pytest

from vdr.search.request import in_words


@pytest.mark.parametrize(
    ("query", "text", "excluded"),
    [
        ("engine -marine", "engine", ("marine",)),
        ("-marine engine -diesel, please", "engine , please", ("marine", "diesel")),
        ("engine -marine -marine", "engine", ("marine",)),
        ("Motor -Öl -KX-7721", "Motor", ("Öl", "KX-7721")),
        ("engine -o'clock", "engine", ("o'clock",)),
    ],
)
def test_a_word_after_a_minus_is_left_out(query: str, text: str, excluded: tuple[str, ...]) -> None:
    assert in_words(query) == (text, excluded)


@pytest.mark.parametrize(
    "query",
    [
        "at -5 °C",
        "2019 - 2021",
        "profit - loss",
        "follow-up and state-of-the-art",
        "follow- up",
        'If "--" is displayed',
        "tar -x",
        "--verbose",
        "  two   spaces ",
        "",
    ],
)
def test_other_dashes_stay_as_they_are(query: str) -> None:
    assert in_words(query) == (query, ())

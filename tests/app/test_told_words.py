"""What is said above the hits about words of the question."""

import pytest

from app.told_words import told_words


@pytest.mark.parametrize(
    ("missing", "excluded", "corrected", "told"),
    [
        ([], [], {}, ""),
        (["ethanol", "pH"], [], {}, "On no page: ethanol, pH"),
        ([], ["marine", "sea"], {}, "Left out: pages that say marine or sea"),
        (
            [],
            [],
            {"Quaterly": "Quarterly", "revnue": "revenue"},
            "Searched for “Quarterly” instead of “Quaterly”, “revenue” instead of “revnue”",
        ),
        (
            ["ethanol"],
            ["marine"],
            {"revnue": "revenue"},
            "Searched for “revenue” instead of “revnue”. Left out: pages that say marine. "
            "On no other page: ethanol",
        ),
    ],
)
def test_each_kind_of_word_has_its_sentence(
    missing: list[str], excluded: list[str], corrected: dict[str, str], told: str
) -> None:
    assert told_words(missing, excluded, corrected) == told

"""What a query in words looks for, and what it leaves out."""

import pytest
from PIL import Image

from vdr.errors import BadInput
from vdr.search.request import in_words, query_of, sides
from vdr.types import PageRef, SearchRequest


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


class TestSides:
    IMAGE = Image.new("RGB", (9, 9))
    PAGE = PageRef("a" * 64, 1)

    @pytest.mark.parametrize("text", [None, "", "  "])
    def test_one_thing_is_one_side(self, text: str | None) -> None:
        (by_page,) = sides(SearchRequest(text, page=self.PAGE))
        assert (by_page.text, by_page.page) == (None, self.PAGE)
        (by_text,) = sides(SearchRequest("fees"))
        assert query_of(by_text) == "fees"

    def test_a_text_beside_an_image_or_page_is_a_side_of_its_own_and_the_first(self) -> None:
        text, image = sides(SearchRequest("fees", self.IMAGE, limit=3))
        assert (query_of(text), query_of(image)) == ("fees", self.IMAGE)
        text, page = sides(SearchRequest("fees", page=self.PAGE, limit=3))
        assert (text.page, page.text, page.page) == (None, None, self.PAGE)
        assert text.limit == page.limit == 3

    def test_an_image_and_a_page_are_too_much(self) -> None:
        with pytest.raises(BadInput, match="not by both"):
            sides(SearchRequest(None, self.IMAGE, self.PAGE))

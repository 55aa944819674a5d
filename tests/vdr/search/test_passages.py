"""Pages are cut into what can be read by itself: sentences, rows of tables, headings, items."""

import numpy as np
import pytest

from tests.fixtures.printing import line, paragraph, printed
from vdr.search.passages import passages_of
from vdr.types import Print


def cut(page: Print) -> list[str]:
    passages = passages_of(page)
    return [" ".join(passages.words(n)) for n in range(len(passages))]


def unplaced(text: str) -> Print:
    return Print(tuple(text.split()))


@pytest.mark.parametrize(
    "text",
    [
        "Sales rose. | Costs fell!",
        "He asked “why?” | Nobody knew.",
        "产量上升了。 | 成本下降了。",
        "ارتفعت المبيعات؟ | انخفضت التكاليف",
        "बिक्री बढ़ी। | लागत घटी।",
        "It is in Fig. 3 of Dr. Smith's book, see p. 4 there. | Next.",
        "Shares of Acme Inc. rose 3.5 percent.",
        "It rose by approx. five percent.",
    ],
)
def test_sentences_end_where_their_script_ends_them(text: str) -> None:
    assert cut(unplaced(text.replace("| ", ""))) == text.split(" | ")


def test_a_sentence_without_end_is_cut() -> None:
    assert [len(each.split()) for each in cut(unplaced("word " * 100))] == [33, 33, 34]


def test_a_row_of_a_table_is_one_passage_whatever_the_order_of_its_cells() -> None:
    labels = [line("Total assets", 0.1, 0.30), line("Net income", 0.1, 0.32)]
    amounts = [line("44,792", 0.6, 0.30), line("2,131", 0.6, 0.32)]
    before = [line("42,346", 0.8, 0.30), line("2,163", 0.8, 0.32)]
    assert cut(printed(*labels, *amounts, *before)) == [
        "Total assets 44,792 42,346",
        "Net income 2,131 2,163",
    ]


LEFT = "Before you apply you are advised to visit the pages of the programme for more about its requirements"
RIGHT = "Applicants whose first language is another one have to pass a test of it no more than two years ago"


def test_narrow_columns_told_one_after_the_other_stay_so() -> None:
    left, right = paragraph(LEFT, 0.05, 0.1, 3), paragraph(RIGHT, 0.55, 0.1, 3)
    assert " ".join(cut(printed(left, right))) == f"{LEFT} {RIGHT}"


def test_two_columns_are_read_one_after_the_other() -> None:
    left, right = paragraph(f"{LEFT} {LEFT}", 0.05, 0.1, 5), paragraph(f"{RIGHT} {RIGHT}", 0.55, 0.1, 5)
    told = [printed(left, right)]
    lines = sorted({box[1] for _, box in left})
    told.append(printed(*([word for word in left + right if abs(word[1][1] - y) < 0.001] for y in lines)))
    assert told[0].texts != told[1].texts
    for page in told:
        assert " ".join(cut(page)) == f"{LEFT} {LEFT} {RIGHT} {RIGHT}"


def test_headings_items_and_paragraphs_begin_passages() -> None:
    heading = [("Outlook", (0.1, 0.1, 0.3, 0.13))]
    page = printed(
        heading,
        line("We expect growth", 0.1, 0.15),
        line("in all regions", 0.1, 0.166),
        line("• more stores", 0.1, 0.182),
        line("• fewer returns", 0.1, 0.198),
        line("Another paragraph", 0.1, 0.26),
    )
    assert cut(page) == [
        "Outlook",
        "We expect growth in all regions",
        "• more stores",
        "• fewer returns",
        "Another paragraph",
    ]


def test_print_from_the_right_keeps_its_order() -> None:
    words = ["ارتفعت", "المبيعات", "في", "جميع", "المناطق"]
    boxes = np.array([(0.8 - 0.1 * n, 0.1, 0.89 - 0.1 * n, 0.12) for n in range(len(words))], np.float32)
    assert cut(Print(tuple(words), boxes)) == [" ".join(words)]


def test_no_word_is_lost_or_told_twice() -> None:
    draw = np.random.default_rng(7)
    for _ in range(50):
        corners = draw.uniform(0, 0.9, (200, 2)).round(2)
        boxes = np.hstack([corners, corners + draw.uniform(0.01, 0.1, (200, 2))]).astype(np.float32)
        page = Print(tuple(str(n) for n in range(200)), boxes)
        assert sorted(passages_of(page).texts, key=int) == list(page.texts)

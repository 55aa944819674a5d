"""Lines, paragraphs, columns and tables stand where they should."""

from dataclasses import replace

import pytest

from tests.training.drawing.ruled import Ruled
from training.drawing.surface import BLACK, Frame, Style
from training.drawing.table_typesetting import Table, TableLook, draw_table, set_table
from training.drawing.typesetting import Column, line_count, paragraph, polished, write, write_fitting

MONO = Style("mono", 10)


@pytest.fixture
def surface():
    return Ruled()


class TestText:
    def test_keyboard_quotes_and_dashes_become_printers(self):
        assert polished('"It\'s" - ("so")') == "\u201cIt\u2019s\u201d \u2013 (\u201cso\u201d)"

    def test_a_paragraph_breaks_where_the_next_word_would_not_fit(self, surface):
        end = paragraph(surface, 0, 0, 50, "four four ninety", MONO)

        assert surface.words == ["four four", "ninety"]
        assert end == pytest.approx(2 * MONO.line_height)
        assert line_count(surface, "four four ninety", MONO, 50) == 2

    def test_bold_and_italic_words_are_marked_and_the_marks_vanish(self, surface):
        paragraph(surface, 0, 0, 500, "a **bold** and _slanted_ snake_case.", MONO)

        assert surface.words == ["a", "bold", "and", "slanted", "snake_case."]
        assert [style.bold for *_, style in surface.lines] == [False, True, False, False, False]
        assert [style.italic for *_, style in surface.lines] == [False, False, False, True, False]

    def test_plain_text_is_set_letter_by_letter(self, surface):
        text = '"a **bold** - and _slanted_ word"'

        paragraph(surface, 0, 0, 500, text, replace(MONO, is_plain=True))
        write(surface, 0, 0, text, replace(MONO, is_plain=True))

        assert surface.words == [text, text]

    def test_punctuation_stays_with_a_bold_word(self, surface):
        paragraph(surface, 0, 0, 500, "**End**.", MONO)

        (first, _, _, _), (second, _, _, _) = surface.lines
        assert second - first == 15

    def test_justified_lines_end_at_the_margin_but_the_last(self, surface):
        paragraph(surface, 0, 0, 60, "aaa bbb ccc ddd", MONO, "justify")

        ends = [x + surface.text_width(text, style) for x, _, text, style in surface.lines]
        assert ends[2] == pytest.approx(60)
        assert surface.words[-1] == "ddd"

    @pytest.mark.parametrize(("align", "x"), [("left", 100), ("center", 90), ("right", 80)])
    def test_a_line_can_begin_end_or_be_centred(self, surface, align, x):
        write(surface, 100, 0, "four", MONO, align)

        assert surface.lines[0][0] == x

    def test_a_line_that_is_too_wide_is_set_smaller(self, surface):
        write_fitting(surface, 0, 0, "eightchr", MONO, 20)
        write_fitting(surface, 0, 0, "four", MONO, 20)

        assert [style.size for *_, style in surface.lines] == [5, 10]

    def test_an_empty_paragraph_takes_one_line_and_draws_nothing(self, surface):
        assert paragraph(surface, 0, 0, 50, "", MONO) == MONO.line_height
        assert not surface.lines

    def test_a_column_knows_when_it_is_full(self, surface):
        column = Column(surface, Frame(0, 0, 100, 40), MONO)

        column.steps("one", "two")
        assert column.has_room is True
        column.heading("three", MONO)
        assert column.has_room is False
        assert surface.words == ["1.", "one", "2.", "two", "three"]


class TestTables:
    def test_the_first_column_is_on_the_left_and_numbers_on_the_right(self, surface):
        table = Table(("Name", "No"), (("ab", "12"), ("Sub",), ("cd", "3")), (1, 1), totals=frozenset({2}))

        end = draw_table(surface, 0, 0, 100, table, TableLook(MONO, MONO, stripe=BLACK))

        at = {text: (x, style.bold) for x, _, text, style in surface.lines}
        assert at["ab"] == (4, False)
        assert at["12"] == (100 - 4 - 10, False)
        assert at["Sub"] == (4, True)
        assert at["cd"] == (4, True)
        assert end == pytest.approx(4 * (MONO.line_height + 4))

    def test_a_table_without_headings_begins_with_its_rows(self, surface):
        draw_table(surface, 0, 0, 100, Table(("", ""), (("a", "b"),), (1, 1)), TableLook(grid=BLACK))

        assert surface.words == ["a", "b"]

    def test_a_heading_may_stand_on_colour(self, surface):
        draw_table(
            surface, 0, 0, 100, Table(("h", "i"), (), (1, 1)), TableLook(header_fill=BLACK, header_line=None)
        )

        assert surface.shapes == [[(0, 0), (100, 0), (100, pytest.approx(14.88)), (0, pytest.approx(14.88))]]

    def test_a_look_without_lines_draws_none(self, surface):
        look = TableLook(header_line=None, line=None)

        draw_table(surface, 0, 0, 100, Table(("h", "i"), (("a", "b"),), (1, 1)), look)

        assert not surface.shapes

    def test_a_table_in_a_column_moves_it_below(self, surface):
        column = Column(surface, Frame(20, 30, 100, 400), MONO)

        set_table(column, Table((), (("a", "b"),), (1, 1)), TableLook(MONO), before=5, after=7)

        assert column.y == pytest.approx(30 + 5 + MONO.line_height + 4 + 7)
        assert surface.lines[0][0] == 20 + 4

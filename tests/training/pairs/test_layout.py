"""Fragments become rows, cells and blocks as a reader would see them."""

from hypothesis import given
from hypothesis import strategies as st

from tests.training.pairs.parts import layout, row
from training.pairs.layout import PageLayout, blocks


def test_fragments_at_one_height_are_a_row_and_gaps_part_its_cells():
    page = layout(row(100, (300, "1,204"), (60, "Net sales")), row(120, (60, "Costs")))
    assert [[cell.text for cell in each] for each in page.rows] == [["Net sales", "1,204"], ["Costs"]]
    assert page.text == "Net sales 1,204\nCosts"


def test_fragments_that_touch_are_one_word_and_a_small_gap_is_a_space():
    touching, apart = layout(row(10, (60, "foo"), (78, "bar"))), layout(row(10, (60, "foo"), (82, "bar")))
    assert touching.text == "foobar" and apart.text == "foo bar"


def test_blank_fragments_are_left_out():
    assert layout(row(10, (60, "  "))).rows == ()


def test_lines_below_each_other_form_a_block():
    page = layout(
        row(100, (60, "The first line is about as long")), row(114, (60, "as the second line that ends."))
    )
    assert [block.text for block in blocks(page.rows)] == [
        "The first line is about as long as the second line that ends."
    ]


def test_columns_beside_each_other_are_blocks_of_their_own():
    left, right = "words of the left column", "words of the right column"
    page = layout(row(100, (60, left), (300, right)), row(114, (60, left), (300, right)))
    assert [block.text for block in blocks(page.rows)] == [f"{left} {left}", f"{right} {right}"]


def test_a_gap_another_size_another_weight_or_a_short_line_end_a_block():
    long = "a line that goes on for quite a while"
    for second in (
        row(140, (60, long)),
        row(114, (60, long), size=16),
        row(114, (60, long), is_bold=True),
        row(114, (160, long)),
    ):
        assert len(blocks(layout(row(100, (60, long)), second).rows)) == 2
    assert len(blocks(layout(row(100, (60, "iPhone")), row(114, (60, long))).rows)) == 2


def test_body_size_is_that_of_most_letters():
    page = layout(row(10, (60, "Title"), size=20), row(40, (60, "many more letters here")))
    assert page.body_size == 12
    assert PageLayout(1).body_size == 0 and PageLayout(1).text == ""


def test_a_cell_knows_the_bold_words_it_begins_with():
    bold, plain = row(10, (60, "Dose."), is_bold=True), row(10, (95, "Ten milligrams a day"))
    cell = layout([*bold, *plain]).rows[0][0]
    assert cell.bold_start == "Dose." and not cell.is_bold
    assert layout(bold).rows[0][0].bold_start == "" and layout(plain).rows[0][0].bold_start == ""
    assert (cell.left, cell.top, cell.bottom, cell.size) == (60, 10, 22, 12)


def test_a_block_is_bold_if_all_of_it_is():
    assert blocks(layout(row(10, (60, "Risk factors"), is_bold=True)).rows)[0].is_bold
    assert blocks(layout(row(10, (60, "Risk factors"))).rows)[0].size == 12


places = st.tuples(
    st.integers(0, 500), st.integers(0, 700), st.sampled_from(["net", "sales", "2019", "of steel"])
)


@given(st.lists(places, max_size=30), st.randoms())
def test_nothing_is_lost_or_said_twice_whatever_the_order(written, rng):
    fragments = [fragment for left, top, text in written for fragment in row(top, (left, text))]
    page = layout(fragments)
    rng.shuffle(fragments)
    letters = sorted("".join(text for _, _, text in written).replace(" ", ""))
    assert sorted(page.text.replace(" ", "").replace("\n", "")) == letters
    assert sorted("".join(block.text for block in blocks(page.rows)).replace(" ", "")) == letters
    assert sorted(layout(fragments).text.replace(" ", "").replace("\n", "")) == letters


@given(st.lists(places, max_size=30))
def test_rows_go_down_and_cells_to_the_right(written):
    page = layout([fragment for left, top, text in written for fragment in row(top, (left, text))])
    for cells in page.rows:
        assert [cell.left for cell in cells] == sorted(cell.left for cell in cells)
    heights = [min(f.middle for cell in cells for f in cell.fragments) for cells in page.rows]
    assert heights == sorted(heights)

"""Tables are found by how their rows are set."""

from tests.training.pairs.parts import layout, row, write_filing
from training.pairs.read_layout import read_layout
from training.pairs.row_figures import Figure, figures, is_figures_row, table_rows
from vdr.settings import IngestSettings


def statement():
    """An income statement: two periods of two years each, and sections."""
    return layout(
        row(80, (60, "The following table shows what was earned in either of the two periods shown.")),
        row(100, (300, "Three Months Ended"), (500, "Six Months Ended")),
        row(114, (290, "2022"), (390, "2021"), (490, "2022"), (590, "2021")),
        row(128, (60, "Net sales:")),
        row(142, (60, "Products"), (270, "$"), (290, "63,355"), (390, "63,948"), (490, "245"), (590, "232")),
        row(156, (60, "Total net sales"), (290, "82,959"), (390, "81,434"), (490, "304"), (590, "282")),
        row(190, (60, "Sales rose.")),
    )


def test_a_figure_is_named_by_section_row_and_columns():
    found = list(figures(statement().rows))
    assert found[0] == Figure("Net sales:", "Products", ("Three Months Ended", "2022"), "63,355")
    assert found[2] == Figure("Net sales:", "Products", ("Six Months Ended", "2022"), "245")
    assert len(found) == 8


def test_a_total_stands_under_no_section():
    totals = [figure for figure in figures(statement().rows) if figure.row == "Total net sales"]
    assert {figure.section for figure in totals} == {""}


def test_rows_of_a_table_are_told_from_prose():
    assert table_rows(statement().rows) == {1, 2, 4, 5}
    between = layout(*(row(y, (60, "Label"), (300, "10")) for y in (10, 40)), row(25, (60, "Other assets:")))
    assert table_rows(between.rows) == {0, 1, 2}


def test_a_row_of_figures_has_a_label_and_nothing_but_figures():
    def first(*texts):
        return layout(row(10, *texts)).rows[0]

    assert is_figures_row(first((60, "Revenue"), (300, "$"), (340, "1,204")))
    assert is_figures_row(first((60, "Margin"), (200, "(1)"), (300, "(3.5)%"), (400, "—")))
    assert not is_figures_row(first((60, "Pilot"), (200, "42"), (300, "Airplane")))
    assert not is_figures_row(first((60, "2022"), (200, "2021")))
    assert not is_figures_row(first((60, "Fiscal year"), (200, "2021")))
    assert not is_figures_row(first((60, "Revenue")))


def test_fewer_headers_than_figures_go_by_where_they_stand():
    page = layout(
        row(100, (390, "Change")),
        row(100, (300, "2019")),
        row(114, (60, "Revenue"), (290, "10"), (340, "12"), (390, "20%")),
    )
    assert [figure.columns for figure in figures(page.rows)] == [("2019",), ("2019",), ("Change",)]


def test_a_new_head_begins_a_new_table_and_prose_ends_one():
    page = layout(
        row(100, (300, "2019"), (400, "2018")),
        row(114, (60, "Revenue"), (300, "10"), (400, "12")),
        row(128, (300, "2017"), (400, "2016")),
        row(142, (60, "Costs"), (300, "7"), (400, "8")),
        row(156, (60, "All figures were audited by an independent firm, which found no fault.")),
        row(170, (60, "Profit"), (300, "3"), (400, "4")),
    )
    assert [(f.row, f.columns) for f in figures(page.rows)] == [
        ("Revenue", ("2019",)), ("Revenue", ("2018",)), ("Costs", ("2017",)), ("Costs", ("2016",)),
    ]  # fmt: skip


def test_units_are_neither_section_nor_column():
    page = layout(
        row(86, (300, "(in millions)"), (400, "(in percent)")),
        row(100, (300, "2019"), (400, "2018")),
        row(107, (60, "(in millions)")),
        row(121, (60, "Revenue"), (300, "10"), (400, "12")),
    )
    assert [(f.section, f.columns) for f in figures(page.rows)] == [("", ("2019",)), ("", ("2018",))]


def test_the_table_of_a_real_page_is_read_figure_by_figure(tmp_path):
    page = read_layout(write_filing(tmp_path / "a.pdf", "Acme", ["steel"]), range(1, 2), IngestSettings())[0]
    assert list(figures(page.rows)) == [
        Figure("", "Steel revenue", ("2019",), "1,751"),
        Figure("", "Steel revenue", ("2018",), "1,639"),
        Figure("", "Steel wages", ("2019",), "1,731"),
        Figure("", "Steel wages", ("2018",), "1,619"),
    ]


def test_a_header_stands_above_the_nearest_column():
    page = layout(
        row(100, (300, "Cash"), (420, "Fair value"), (540, "Level 1")),
        row(114, (60, "Corporate bonds"), (430, "12")),
        row(128, (60, "Money market funds"), (300, "7"), (545, "9")),
    )
    assert [(f.row, f.columns) for f in figures(page.rows)] == [
        ("Corporate bonds", ("Fair value",)),
        ("Money market funds", ("Cash",)),
        ("Money market funds", ("Level 1",)),
    ]

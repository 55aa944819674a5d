"""What is read together: sentences and rows by themselves, headings and labels with what stands below."""

from tests.fixtures.printing import line, paragraph, printed
from vdr.search.blocks import blocks_of
from vdr.search.passages import passages_of
from vdr.types import Print


def read(page: Print) -> list[str]:
    passages = passages_of(page)
    return [
        " ".join(word for passage in block for word in passages.words(passage))
        for block in blocks_of(page, passages)
    ]


def test_sentences_and_rows_are_blocks_of_their_own() -> None:
    sentences = paragraph("Sales rose by a tenth. Costs fell in spring.", 0.1, 0.1)
    labels = [line("Total assets", 0.1, 0.30), line("Net income", 0.1, 0.32)]
    amounts = [line("44,792", 0.6, 0.30), line("2,131", 0.6, 0.32)]
    assert read(printed(sentences, *labels, *amounts)) == [
        "Sales rose by a tenth.",
        "Costs fell in spring.",
        "Total assets 44,792",
        "Net income 2,131",
    ]


def test_a_heading_is_read_with_the_first_sentence_below_it() -> None:
    page = printed(
        line("Economic outlook", 0.1, 0.1), paragraph("Sales rose. Costs fell in spring.", 0.1, 0.14)
    )
    assert read(page) == ["Economic outlook Sales rose.", "Costs fell in spring."]


def test_the_header_of_a_table_is_read_with_its_first_row() -> None:
    columns = zip(("Region", "North", "South"), ("2019", "512", "871"), strict=True)
    rows = [(line(a, 0.1, 0.3 + 0.02 * n), line(b, 0.6, 0.3 + 0.02 * n)) for n, (a, b) in enumerate(columns)]
    assert read(printed(*(cell for row in rows for cell in row))) == ["Region 2019 North 512", "South 871"]


def test_items_without_end_are_read_together_up_to_the_length_of_a_passage() -> None:
    items = [line(f"• item number {n} of the list", 0.1, 0.1 + 0.03 * n) for n in range(12)]
    sizes = [len(block.split()) for block in read(printed(*items))]
    assert sizes == [35, 35, 14]


def test_what_stands_far_below_or_in_another_column_is_apart() -> None:
    far = printed(line("Economic outlook", 0.1, 0.1), line("Page 7", 0.1, 0.9))
    assert read(far) == ["Economic outlook", "Page 7"]
    for y in (0.1, 0.95):
        columns = printed(line("Economic outlook", 0.1, 0.9), paragraph("Sales rose. Costs fell.", 0.6, y))
        assert read(columns) == ["Economic outlook", "Sales rose.", "Costs fell."]


def test_a_page_of_one_word_is_one_block() -> None:
    assert read(printed(line("Appendix", 0.1, 0.5))) == ["Appendix"]

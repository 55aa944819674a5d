"""How pages are cut into batches that an engine takes at once."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from vdr.index.records import batches
from vdr.types import PagePoint

MakePage = Callable[..., PagePoint]


def numbers_in(page: PagePoint) -> int:
    terms = sum(len(vector.indices) for vector in (page.text_terms, page.read_terms) if vector)
    return page.embedding.size + terms + (0 if page.regions is None else page.regions.size)


@given(regions=st.lists(st.integers(0, 20), max_size=12), max_floats=st.integers(1, 500))
def test_batches_hold_every_page_in_order_and_no_more_than_fits(
    make_page: MakePage, regions: list[int], max_floats: int
) -> None:
    pages = [make_page("doc", n, regions=count) for n, count in enumerate(regions, start=1)]
    cut = list(batches(pages, max_floats))
    assert [page for batch in cut for page in batch] == pages
    assert all(len(batch) == 1 or sum(map(numbers_in, batch)) <= max_floats for batch in cut)


def test_a_batch_is_as_large_as_fits(make_page: MakePage) -> None:
    pages = [make_page("doc", n) for n in range(1, 11)]
    most = sum(map(numbers_in, pages[:4]))
    assert len(next(batches(pages, most))) == 4

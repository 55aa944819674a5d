"""Queries and pages are brought together: a row for each right page, no query twice."""

from hypothesis import given
from hypothesis import strategies as st

from tests.training.pairs.parts import pair
from training.pairs.matching import StoredPages, match, mix
from training.pairs.sources import SourceQuery, page_id_of


def stored(gone=(), replaced=(), evaluation=("e",)):
    """Documents a and b in train and e in eval, of eight pages each."""
    keys = {page_id_of(name, n): (name, n) for name in "abe" for n in range(1, 9)}
    home = {page_id: page_id for page_id in keys if page_id not in gone} | dict(replaced)
    splits = {page_id: "eval" if name in evaluation else "train" for page_id, (name, _) in keys.items()}
    return StoredPages(home, keys, splits)


def query(text, document, *pages, source="phrases", rule="heading"):
    return SourceQuery(text, document, pages, source, rule)


def test_a_row_for_each_right_page_under_one_id():
    rows = match([query("Net sales", "a", 2, 3)], stored()).train
    assert [(row.positive_id, row.document, row.page_number) for row in rows] == [
        ("a#page=2", "a", 2), ("a#page=3", "a", 3),
    ]  # fmt: skip
    assert len({row.query_id for row in rows}) == 1 and rows[0].query_id.startswith("phrases-")
    assert rows[0].rule == "heading" and rows[0].negative_ids == ()


def test_rows_are_in_the_split_of_their_pages():
    matched = match([query("Net sales", "a", 1), query("Risk factors", "e", 1)], stored())
    assert [row.query for row in matched.train] == ["Net sales"]
    assert [row.query for row in matched.eval] == ["Risk factors"]


def test_queries_of_the_same_words_become_one_with_all_pages():
    matched = match([query("Net sales 2019", "a", 1), query("2019 net sales", "b", 2)], stored())
    assert [(row.query, row.positive_id) for row in matched.train] == [
        ("Net sales 2019", "a#page=1"), ("Net sales 2019", "b#page=2"),
    ]  # fmt: skip
    assert len({row.query_id for row in matched.train}) == 1
    assert matched.dropped == {"duplicate queries": 1}


def test_the_same_query_about_the_same_page_is_one_row():
    assert len(match([query("Net sales", "a", 1)] * 2, stored()).train) == 1


def test_what_eval_asks_train_does_not():
    matched = match([query("Net sales", "a", 1), query("net sales", "e", 1)], stored())
    assert matched.train == () and len(matched.eval) == 1
    assert matched.dropped == {"train queries that are also in eval": 1}


def test_pages_that_stand_for_others_are_the_right_ones_and_gone_pages_are_none():
    replaced = {"b#page=1": "a#page=1"}
    matched = match([query("Net sales", "b", 1), query("Taxes paid", "b", 2)], stored(["b#page=2"], replaced))
    assert [(row.positive_id, row.document) for row in matched.train] == [("a#page=1", "a")]
    assert matched.dropped == {"queries whose pages were dropped": 1}


def test_what_too_many_pages_answer_is_dropped_unless_people_said_so():
    many = query("Net sales", "a", 1, 2, 3, 4, 5, 6)
    assert match([many], stored()).dropped == {"queries with too many answering pages": 1}
    labelled = query("Net sales", "a", 1, 2, 3, 4, 5, 6, source="labelled", rule="")
    assert len(match([labelled], stored()).train) == 6


def rows(**counts):
    return [
        pair("a", n + 1, f"{source} {n}", source=source)
        for source, count in counts.items()
        for n in range(count)
    ]


def shares(pairs):
    sources = [each.source for each in pairs]
    return {source: sources.count(source) for source in set(sources)}


def test_weights_set_the_shares_and_keep_as_much_as_they_can():
    mixed = mix(rows(labelled=10, phrases=100), {"labelled": 1, "phrases": 2}, 0)
    assert shares(mixed) == {"labelled": 10, "phrases": 20}


def test_sources_without_weight_are_kept_whole_and_weight_0_drops_one():
    mixed = mix(rows(labelled=10, phrases=100, rendered=7), {"labelled": 1, "phrases": 0}, 0)
    assert shares(mixed) == {"labelled": 10, "rendered": 7}


def test_without_weights_all_is_kept_in_order():
    pairs = rows(labelled=3, phrases=4)
    assert mix(pairs, {}, 0) == pairs


def test_queries_are_kept_or_dropped_with_all_their_rows():
    pairs = [pair("a", n, f"phrases {n // 2}", source="phrases") for n in range(2, 10)]
    mixed = mix([*pairs, *rows(labelled=2)], {"labelled": 1, "phrases": 1}, 0)
    assert shares(mixed) == {"phrases": 4, "labelled": 2}


@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 5), st.integers(1, 5))
def test_a_mix_never_has_more_of_a_source_than_there_is(labelled, phrases, one, other):
    mixed = shares(mix(rows(labelled=labelled, phrases=phrases), {"labelled": one, "phrases": other}, 0))
    assert mixed.get("labelled", 0) <= labelled and mixed.get("phrases", 0) <= phrases

"""A document has all the names that it was sent under, and may take the place of others of its name."""

import pytest

from tests.fixtures.catalogues import catalogue_in
from tests.vdr.catalogue.test_documents import document
from vdr.errors import NotFound
from vdr.filters import parse_filter
from vdr.settings import IndexSettings
from vdr.types import DocumentState


@pytest.fixture
def catalogue(tmp_path):
    with catalogue_in(IndexSettings(data_dir=tmp_path)) as opened:
        yield opened


def added(catalogue, n, name, *, is_indexed=True):
    made = document(n, name=name)
    catalogue.add(made)
    if is_indexed:
        catalogue.finish(made.document_id)
    return made.document_id


def named(catalogue, name):
    return catalogue.ids(parse_filter({"document_name": name}))


class TestNames:
    def test_the_newest_is_shown_and_each_finds_the_document(self, catalogue):
        one = added(catalogue, 1, "scan1.pdf")
        for name in ("better.pdf", "best.pdf"):
            catalogue.change(one, name=name)
        found = catalogue.get(one)
        assert (found.name, found.other_names) == ("best.pdf", ("better.pdf", "scan1.pdf"))
        for name in ("scan1.pdf", "better.pdf", "best.pdf"):
            assert named(catalogue, name) == [one]
        assert catalogue.ids(parse_filter({"document_name": {"$prefix": "scan"}})) == [one]
        assert catalogue.ids(parse_filter({"document_name": {"$ne": "scan1.pdf"}})) == []

    def test_a_name_that_comes_back_is_one_name(self, catalogue):
        one = added(catalogue, 1, "a.pdf")
        for name in ("b.pdf", "a.pdf"):
            catalogue.change(one, name=name)
        assert (catalogue.get(one).name, catalogue.get(one).other_names) == ("a.pdf", ("b.pdf",))

    def test_they_go_with_the_document_and_with_the_collection(self, catalogue, tmp_path):
        one = added(catalogue, 1, "a.pdf")
        with catalogue_in(IndexSettings(data_dir=tmp_path), "other") as other:
            two = added(other, 1, "a.pdf")
            catalogue.remove(one)
            assert (named(catalogue, "a.pdf"), named(other, "a.pdf")) == ([], [two])
        added(catalogue, 1, "b.pdf")
        assert named(catalogue, "a.pdf") == []

    def test_documents_of_the_same_name_are_told(self, catalogue):
        one, two, three = (
            added(catalogue, n, name) for n, name in ((1, "a.pdf"), (2, "a.pdf"), (3, "b.pdf"))
        )
        catalogue.change(three, name="c.pdf")
        four = added(catalogue, 4, "b.pdf")  # which is not what the third is shown by
        assert catalogue.namesakes([one, two, three, four]) == {
            one: document(1).created_at,
            two: document(2).created_at,
        }
        assert set(catalogue.namesakes([two])) == {two}
        catalogue.mark_deleted(one)
        assert catalogue.namesakes([one, two]) == {}


class TestReplacing:
    def test_the_old_one_stays_until_the_new_one_is_indexed(self, catalogue):
        old = added(catalogue, 1, "a.pdf")
        new = added(catalogue, 2, "a.pdf", is_indexed=False)
        assert catalogue.replace(new) == []
        assert set(named(catalogue, "a.pdf")) == {old, new}
        assert catalogue.finish(new) == [old]
        assert named(catalogue, "a.pdf") == [new]
        assert catalogue.half_deleted() == [old]
        assert catalogue.finish(new) == []

    def test_it_stays_where_the_new_one_fails(self, catalogue):
        old = added(catalogue, 1, "a.pdf")
        new = added(catalogue, 2, "a.pdf", is_indexed=False)
        catalogue.replace(new)
        catalogue.cancel(new)
        assert catalogue.get(old).indexing.state is DocumentState.INDEXED
        catalogue.requeue(new)
        assert catalogue.finish(new) == [old]

    def test_an_indexed_one_takes_the_place_at_once(self, catalogue):
        old, new = added(catalogue, 1, "a.pdf"), added(catalogue, 2, "a.pdf")
        assert catalogue.replace(new) == [old]
        assert catalogue.replace(new) == []

    def test_of_three_versions_the_last_stays_whichever_is_ready_first(self, catalogue):
        first = added(catalogue, 1, "a.pdf")
        second, third = (added(catalogue, n, "a.pdf", is_indexed=False) for n in (2, 3))
        catalogue.replace(second)
        catalogue.replace(third)
        assert sorted(catalogue.finish(third)) == sorted([first, second])
        assert named(catalogue, "a.pdf") == [third]

    def test_one_that_has_got_another_name_meanwhile_stays(self, catalogue):
        old = added(catalogue, 1, "a.pdf")
        new = added(catalogue, 2, "a.pdf", is_indexed=False)
        catalogue.replace(new)
        catalogue.change(old, name="a of 2020.pdf")
        assert catalogue.finish(new) == []
        assert named(catalogue, "a of 2020.pdf") == [old]

    def test_the_name_is_then_that_of_the_new_one_alone(self, catalogue):
        renamed, old = added(catalogue, 1, "a.pdf"), added(catalogue, 2, "a.pdf")
        catalogue.change(renamed, name="b.pdf")
        new = added(catalogue, 3, "a.pdf")
        assert catalogue.replace(new) == [old]
        assert named(catalogue, "a.pdf") == [new]
        assert named(catalogue, "b.pdf") == [renamed]

    def test_nothing_of_another_name_or_collection_is_touched(self, catalogue, tmp_path):
        with catalogue_in(IndexSettings(data_dir=tmp_path), "other") as other:
            elsewhere = added(other, 1, "a.pdf")
            added(catalogue, 3, "b.pdf")
            assert catalogue.replace(added(catalogue, 2, "a.pdf")) == []
            assert other.ids() == [elsewhere]

    def test_what_is_not_there_replaces_nothing(self, catalogue):
        with pytest.raises(NotFound):
            catalogue.replace("0" * 64)

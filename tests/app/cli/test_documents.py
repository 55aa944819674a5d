"""`vdr documents` lists and deletes what is meant by names, ids and filters, and nothing else."""

import json

import pytest
from typer.testing import CliRunner

from app.cli.documents import documents
from tests.fixtures import pdfs
from tests.fixtures.libraries import library_in
from vdr.errors import BadFilter, BadInput, NotFound


@pytest.fixture
def ids(tmp_path, monkeypatch):
    """Four documents: a.pdf, once also old.pdf, two named b.pdf, and c.pdf; the ids in this order."""
    monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "120")
    with library_in(tmp_path / "data") as library:
        made = []
        for text, name, year in (
            ("a", "old.pdf", 2020),
            ("b", "b.pdf", 2021),
            ("bb", "b.pdf", 2022),
            ("c", "c.pdf", 2022),
        ):
            path = pdfs.write_report(tmp_path / f"{text}.pdf", len(text), text)
            made.append(library.add(path, name, metadata={"year": year})[0].document_id)
        library.change(made[0], name="a.pdf")
        return made


def run(*arguments, answer=None):
    return CliRunner().invoke(documents, arguments, input=answer)


def left(tmp_path):
    with library_in(tmp_path / "data") as library:
        return set(library.catalogue.ids())


class TestList:
    def test_all_are_listed_newest_first(self, ids):
        heading, *lines = run("list").output.splitlines()
        assert heading.split() == ["id", "document", "pages", "state", "added"]
        assert [line.split()[:4] for line in lines[:3]] == [
            [ids[3][:8], "c.pdf", "1", "queued"],
            [ids[2][:8], "b.pdf", "2", "queued"],
            [ids[1][:8], "b.pdf", "1", "queued"],
        ]
        assert [lines[3].split()[1], lines[4].strip()] == ["a.pdf", "old.pdf"]

    def test_json_is_one_object_a_line(self, ids):
        lines = [json.loads(line) for line in run("list", "--json", "old.pdf").stdout.splitlines()]
        [told] = lines
        assert (told["document_id"], told["name"], told["other_names"]) == (ids[0], "a.pdf", ["old.pdf"])
        assert (told["metadata"], told["page_count"], told["state"]) == ({"year": 2020}, 1, "queued")

    def test_a_filter_and_a_limit(self, ids):
        def listed(*options):
            return [
                json.loads(line)["document_id"]
                for line in run("list", "--json", *options).stdout.splitlines()
            ]

        assert listed("--filter", '{"year": 2022}') == [ids[3], ids[2]]
        assert listed("--limit", "3") == [ids[3], ids[2], ids[1]]
        assert listed("b.pdf", "--filter", '{"year": 2022}') == [ids[2]]

    def test_a_long_list_is_whole(self, ids, monkeypatch):
        monkeypatch.setattr("vdr.catalogue.listing._A_TIME", 2)
        assert len(run("list", "--json").stdout.splitlines()) == 4

    def test_what_is_not_there_is_said(self, ids):
        assert isinstance(run("list", "none.pdf").exception, NotFound)
        assert isinstance(run("list", "--filter", "{").exception, BadFilter)


class TestDelete:
    @pytest.mark.parametrize(
        ("chosen", "gone"),
        [
            (["a.pdf"], {0}),
            (["old.pdf"], {0}),
            (["b.pdf"], {1, 2}),
            (["b.pdf", "c.pdf"], {1, 2, 3}),
            (["--filter", '{"year": {"$gte": 2022}}'], {2, 3}),
            (["b.pdf", "--filter", '{"year": 2021}'], {1}),
            (["--filter", '{"document_name": {"$prefix": "b"}}'], {1, 2}),
        ],
    )
    def test_by_name_and_by_filter(self, ids, tmp_path, chosen, gone):
        result = run("delete", "--yes", *chosen)
        assert result.exit_code == 0
        assert left(tmp_path) == {each for n, each in enumerate(ids) if n not in gone}
        assert result.output.splitlines()[-1].startswith("Deleted ")

    def test_by_id_and_by_its_beginning(self, ids, tmp_path):
        run("delete", "--yes", ids[1], ids[2][:8])
        assert left(tmp_path) == {ids[0], ids[3]}
        assert not list((tmp_path / "data" / "objects").rglob(f"*{ids[1]}*"))

    def test_a_dry_run_says_what_would_go(self, ids, tmp_path):
        lines = run("delete", "--dry-run", "old.pdf", "c.pdf").output.splitlines()
        assert lines == [
            f"{ids[3][:8]}  c.pdf",
            f"{ids[0][:8]}  a.pdf, also known as old.pdf",
            "Nothing was deleted.",
        ]
        assert left(tmp_path) == set(ids)

    def test_it_asks_before_it_deletes(self, ids, tmp_path):
        result = run("delete", "b.pdf", answer="n\n")
        assert result.exit_code == 1 and "Delete 2 documents?" in result.output
        assert left(tmp_path) == set(ids)
        assert "Deleted 2 documents." in run("delete", "b.pdf", answer="y\n").output

    def test_of_many_the_first_are_named(self, ids, monkeypatch):
        monkeypatch.setattr("app.cli.documents._NAMED", 1)
        assert "... and 1 more" in run("delete", "--dry-run", "b.pdf").output

    def test_nothing_is_deleted_unless_all_names_are_there(self, ids, tmp_path):
        assert isinstance(run("delete", "--yes", "a.pdf", "none.pdf").exception, NotFound)
        assert isinstance(run("delete", "--yes").exception, BadInput)
        assert left(tmp_path) == set(ids)

    def test_a_filter_that_nothing_passes(self, ids):
        assert run("delete", "--yes", "--filter", '{"year": 1}').output == "Nothing was deleted.\n"

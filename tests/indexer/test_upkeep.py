"""What is wrong with a library is found, mended where it can be, and then no longer found."""

from dataclasses import replace

import numpy as np
import pytest
import typer

from indexer.commands import upkeep as commands
from indexer.ingest import index_document
from indexer.services import open_services
from indexer.upkeep import Fault, Finding, check, repair
from tests.fixtures import pdfs
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.libraries import content, library_in, library_of_two, library_settings, tiny_models
from vdr.errors import IndexMismatch, NotFound
from vdr.types import DocumentState, PagePoint, PageRef, SparseVector

STRAY = "f" * 64


@pytest.fixture
def library(tmp_path):
    with library_of_two(tmp_path) as opened:
        yield opened


def id_of(library, name):
    return next(d.document_id for d in library.catalogue.page(10) if d.name == name)


def stray_point(library):
    vector = np.ones(TinyEmbedder.dims, np.float32) / np.sqrt(TinyEmbedder.dims)
    library.index.upsert([PagePoint(PageRef(STRAY, 1), "gone.pdf", vector)])


def stray_object(library):
    library.objects.put_page_image(PageRef(STRAY, 1), b"webp")


def points_gone(library):
    library.index.delete_document(id_of(library, "a.pdf"))


def image_gone(library):
    (folder,) = library.objects._place._root.glob(f"{id_of(library, 'a.pdf')}/pages")
    (folder / "3.webp").unlink()


def page_too_many(library):
    page = next(point for point in library.index.points() if point.document_name == "a.pdf")
    library.index.upsert([PagePoint(PageRef(page.page.document_id, 9), page.document_name, page.embedding)])


def fields_left_behind(library):
    """What a crash leaves between the catalogue and the index."""
    before = replace(library.catalogue.get(id_of(library, "a.pdf")), metadata={"year": 2021})
    library.index.set_document(before)


def words_split_as_before(library):
    """What the version before stored: other terms of the same words, and nothing about a rule."""
    pages = [point for point in library.index.points() if point.document_name == "a.pdf"]
    before = SparseVector((1,), (1.0,))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vdr.index.records.RULE", None)
        library.index.upsert([replace(page, text_terms=before, read_terms=before) for page in pages])


@pytest.mark.parametrize(
    ("harm", "fault", "name", "pages"),
    [
        (stray_point, Fault.STRAY_POINTS, "", ()),
        (stray_object, Fault.STRAY_OBJECTS, "", ()),
        (points_gone, Fault.NO_POINTS, "a.pdf", (1, 2, 3, 4, 5)),
        (image_gone, Fault.NO_OBJECTS, "a.pdf", (3,)),
        (fields_left_behind, Fault.OLD_FIELDS, "a.pdf", (1, 2, 3, 4, 5)),
        (words_split_as_before, Fault.OLD_WORDS, "a.pdf", (1, 2, 3, 4, 5)),
        (page_too_many, Fault.STRAY_PAGES, "a.pdf", (9,)),
    ],
)
def test_each_fault_is_found_and_mended(library, harm, fault, name, pages):
    assert list(check(library)) == []
    sound = content(library)
    harm(library)
    (finding,) = check(library)
    assert (finding.fault, finding.name, finding.page_numbers) == (fault, name, pages)
    assert repair(library, finding)
    for document in library.catalogue.unfinished():
        index_document(library, document.document_id)
    assert list(check(library)) == []
    assert content(library) == sound


def test_a_file_that_is_gone_is_told_but_cannot_be_mended(library):
    library.objects.delete_document(id_of(library, "b.pdf"))
    findings = {finding.fault: finding for finding in check(library)}
    assert set(findings) == {Fault.NO_FILE, Fault.NO_OBJECTS}
    assert not repair(library, findings[Fault.NO_FILE])
    assert str(findings[Fault.NO_OBJECTS]) == "b.pdf: pages without image or words, pages 1-2"


def test_documents_under_way_are_left_alone(library, tmp_path):
    report = pdfs.write_report(tmp_path / "c.pdf", 3, "c")
    library.add(report, report.name)
    assert list(check(library)) == []


class TestCommands:
    @pytest.fixture(autouse=True)
    def environment(self, library, tmp_path, monkeypatch):
        monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
        monkeypatch.setattr("vdr.models.loading._load_embedder", lambda _: TinyEmbedder())
        self.ids = [id_of(library, "a.pdf"), id_of(library, "b.pdf")]
        self.sound = content(library)
        self.library = library

    def reopened(self, tmp_path):
        return library_in(tmp_path / "data")

    def test_check_says_what_is_wrong_and_repair_mends_it(self, tmp_path, capsys):
        points_gone(self.library)
        self.library.indexes.close()
        with pytest.raises(typer.Exit) as ended:
            commands.check(repair=False)
        assert ended.value.exit_code == 1
        assert "a.pdf: pages without vectors, pages 1-5" in capsys.readouterr().out
        commands.check(repair=True)
        assert "No problems found." in capsys.readouterr().out
        with self.reopened(tmp_path) as library:
            assert content(library) == self.sound
            assert all(d.indexing.state is DocumentState.INDEXED for d in library.catalogue.page(10))

    def test_reindex_makes_pages_anew(self, tmp_path, capsys):
        self.library.indexes.close()
        commands.reindex(["a.pdf"])
        assert "1 document, 5 pages" in capsys.readouterr().out
        commands.reindex(None)
        assert "2 documents, 7 pages" in capsys.readouterr().out
        with self.reopened(tmp_path) as library:
            assert content(library) == self.sound

    def test_reindex_of_what_is_not_there_is_said(self):
        self.library.indexes.close()
        with pytest.raises(NotFound, match=r"nothing\.pdf"):
            commands.reindex(["nothing.pdf"])

    def test_pages_that_another_model_would_make_are_not_given_up(self, tmp_path, monkeypatch):
        image_gone(self.library)
        self.library.indexes.close()

        class Another(TinyEmbedder):
            fingerprint = "07e4" * 16

        monkeypatch.setattr("vdr.models.loading._load_embedder", lambda _: Another())
        for command in (lambda: commands.reindex(None), lambda: commands.check(repair=True)):
            with pytest.raises(IndexMismatch):
                command()
        with self.reopened(tmp_path) as library:
            assert library.index.count() == 7
            assert all(d.indexing.state is DocumentState.INDEXED for d in library.catalogue.page(10))

    def test_a_document_that_cannot_be_indexed_again_is_named_and_the_next_one_is_indexed(
        self, tmp_path, capsys
    ):
        points_gone(self.library)
        stored = self.library.objects._place._root / self.ids[0]
        next(stored.glob("*.pdf")).write_bytes(b"damaged")
        self.library.index.delete_document(self.ids[1])
        self.library.indexes.close()
        for command in (lambda: commands.check(repair=True), lambda: commands.reindex(None)):
            with pytest.raises(typer.Exit) as ended:
                command()
            assert ended.value.exit_code == 1
            assert "a.pdf: The stored object" in capsys.readouterr().err
            with self.reopened(tmp_path) as library:
                assert library.index.count(self.ids[1]) == 2

    @pytest.fixture
    def other(self, tmp_path):
        """Another collection, with c.pdf of three pages, beside the first."""
        report = pdfs.write_report(tmp_path / "c.pdf", 3, "c")
        self.library.indexes.close()
        with open_services(library_settings(tmp_path / "data"), tiny_models()) as services:
            library = services.library("other", create=True)
            index_document(library, library.add(report, report.name)[0].document_id)
            library.claim().delete_document(id_of(library, "c.pdf"))

    def test_check_covers_all_collections_unless_one_is_named(self, other, capsys):
        with pytest.raises(typer.Exit):
            commands.check(repair=False)
        assert capsys.readouterr().out.splitlines() == [
            "other: c.pdf: pages without vectors, pages 1-3",
            "1 problems remain.",
        ]
        commands.check(repair=False, collection="default")
        commands.check(repair=True)
        commands.check(repair=False)
        assert capsys.readouterr().out.splitlines()[-1] == "No problems found."

    def test_reindex_finds_a_document_in_whatever_collection_it_is(self, other, capsys):
        commands.check(repair=True)
        capsys.readouterr()
        commands.reindex(["c.pdf"])
        assert "1 document, 3 pages" in capsys.readouterr().out
        commands.reindex(None)
        told = capsys.readouterr().out
        assert "2 documents, 7 pages" in told and "1 document, 3 pages" in told
        with pytest.raises(NotFound, match=r"c\.pdf"):
            commands.reindex(["c.pdf"], collection="default")


def test_what_is_uploaded_while_the_library_is_checked_is_not_taken_for_stray(library, tmp_path, monkeypatch):
    report = pdfs.write_report(tmp_path / "c.pdf", 3, "c")
    ids, added = library.catalogue.ids, []

    def then_upload(*where):
        found = ids(*where)
        added.append(library.add(report, report.name)[0].document_id)
        return found

    monkeypatch.setattr(library.catalogue, "ids", then_upload)
    assert list(check(library)) == []
    assert added


def test_what_is_uploaded_after_it_was_found_stray_is_kept(library, tmp_path):
    report = pdfs.write_report(tmp_path / "c.pdf", 3, "c")
    document_id = library.add(report, report.name)[0].document_id
    index_document(library, document_id)
    for fault in (Fault.STRAY_OBJECTS, Fault.STRAY_POINTS):
        assert repair(library, Finding(fault, document_id))
    assert library.has_sound_pdf(document_id) and list(check(library)) == []


def test_a_document_indexed_while_the_library_is_checked_lacks_nothing(library, tmp_path, monkeypatch):
    report = pdfs.write_report(tmp_path / "c.pdf", 3, "c")
    document_id = library.add(report, report.name)[0].document_id
    ids = library.catalogue.ids

    def then_index(*where):
        index_document(library, document_id)
        return ids(*where)

    monkeypatch.setattr(library.catalogue, "ids", then_index)
    assert list(check(library)) == []


@pytest.mark.parametrize("fault", [Fault.NO_POINTS, Fault.NO_OBJECTS, Fault.OLD_FIELDS])
def test_a_document_deleted_after_it_was_found_faulty_needs_no_repair(library, fault):
    document_id = id_of(library, "a.pdf")
    library.delete(document_id)
    assert repair(library, Finding(fault, document_id))

"""What is backed up comes back as it was, and nothing is ever half there or overwritten."""

import errno
import shutil
from pathlib import Path

import pytest
import typer

from indexer import backup
from indexer.backup import back_up, restore
from indexer.commands import backup as commands
from indexer.services import open_services
from tests.fixtures.embedder import TinyEmbedder
from tests.fixtures.judged import kept_search, said
from tests.fixtures.libraries import content, library_in, library_of_two, library_settings, tiny_models
from vdr import errors
from vdr.catalogue.searches import keep_searches
from vdr.feedback import FeedbackKind
from vdr.questions import LabelledQuestion
from vdr.settings import IndexSettings
from vdr.types import DocumentState, PageRef


@pytest.fixture
def library(tmp_path):
    with library_of_two(tmp_path) as opened:
        yield opened


@pytest.fixture
def settings(library, tmp_path):
    return IndexSettings(data_dir=tmp_path / "data")


@pytest.fixture
def elsewhere(tmp_path):
    return IndexSettings(data_dir=tmp_path / "elsewhere")


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestBackUp:
    def test_it_holds_the_objects_and_one_database_file(self, settings, tmp_path):
        back_up(settings, tmp_path / "new" / "backup")
        found = files(tmp_path / "new" / "backup")
        objects = {name: held for name, held in found.items() if name.parts[0] == "objects"}
        assert {
            Path("objects", name): held for name, held in files(tmp_path / "data/objects").items()
        } == objects
        assert found.keys() - objects.keys() == {Path("catalogue.sqlite")}

    def test_objects_take_no_space_twice(self, settings, tmp_path):
        back_up(settings, tmp_path / "backup")
        assert {path.stat().st_nlink for path in (tmp_path / "backup/objects").rglob("*.webp")} == {2}

    def test_where_links_cannot_be_they_are_copied(self, settings, tmp_path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        back_up(settings, tmp_path / "backup")
        assert files(tmp_path / "backup/objects") == files(tmp_path / "data/objects")

    def test_what_is_deleted_or_changed_later_stays_in_it(self, library, settings, tmp_path):
        back_up(settings, tmp_path / "backup")
        before = files(tmp_path / "backup")
        for document in library.catalogue.page(10):
            library.delete(document.document_id)
        assert files(tmp_path / "backup") == before

    def test_files_that_disappear_meanwhile_and_unfinished_ones_are_passed_over(
        self, settings, tmp_path, monkeypatch
    ):
        (tmp_path / "data/objects/default/half.0.part").touch()
        walk = backup.os.walk  # type: ignore[attr-defined]

        def walk_while_one_goes(*arguments, **options):
            for folder, folders, names in walk(*arguments, **options):
                yield folder, [*folders, "gone"], [*names, "gone.webp"]

        monkeypatch.setattr(backup.os, "walk", walk_while_one_goes)  # type: ignore[attr-defined]
        back_up(settings, tmp_path / "backup")
        assert not list((tmp_path / "backup").rglob("*.part"))

    def test_a_full_disk_leaves_nothing(self, settings, tmp_path, monkeypatch):
        def refuse(*_):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
        with pytest.raises(errors.StorageFull):
            back_up(settings, tmp_path / "new" / "backup")
        assert list((tmp_path / "new").iterdir()) == []

    @pytest.mark.parametrize("name", ["there", "data/objects/backup"])
    def test_nothing_is_overwritten(self, settings, tmp_path, name):
        (tmp_path / "there").mkdir()
        with pytest.raises(errors.BadInput, match="Cannot write the backup"):
            back_up(settings, tmp_path / name)

    def test_there_must_be_something_to_back_up(self, elsewhere, tmp_path):
        with pytest.raises(errors.BadInput, match="nothing"):
            back_up(elsewhere, tmp_path / "backup")

    @pytest.mark.parametrize("act", [back_up, restore])
    @pytest.mark.parametrize(
        "setting", [{"database_url": "postgresql://host/vdr"}, {"objects_url": "s3://bucket"}]
    )
    def test_what_is_elsewhere_has_tools_of_its_own(self, tmp_path, act, setting):
        with pytest.raises(errors.BadSetting, match="do not work with"):
            act(IndexSettings.model_validate({"data_dir": tmp_path, **setting}), tmp_path / "backup")


class TestRestore:
    @pytest.fixture(autouse=True)
    def backed_up(self, settings, tmp_path):
        back_up(settings, tmp_path / "backup")

    def test_documents_and_objects_are_back_and_the_backup_stays_as_it_was(
        self, library, elsewhere, tmp_path
    ):
        before = files(tmp_path / "backup")
        restore(elsewhere, tmp_path / "backup")
        with library_in(elsewhere.data_dir) as restored:
            assert restored.catalogue.page(10) == library.catalogue.page(10)
            for document in restored.catalogue.page(10):
                restored.delete(document.document_id)
        assert files(tmp_path / "backup") == before

    @pytest.mark.parametrize("name", ["objects", "index", "catalogue.sqlite", "catalogue.sqlite-wal"])
    def test_nothing_is_overwritten(self, elsewhere, tmp_path, name):
        (elsewhere.data_dir / name).mkdir(parents=True)
        with pytest.raises(errors.BadInput, match="already exists"):
            restore(elsewhere, tmp_path / "backup")

    def test_other_files_are_not_in_the_way(self, elsewhere, tmp_path):
        (elsewhere.data_dir / "hub").mkdir(parents=True)
        restore(elsewhere, tmp_path / "backup")
        assert {path.name for path in elsewhere.data_dir.iterdir()} == {"hub", "objects", "catalogue.sqlite"}

    def test_what_is_no_backup_is_refused(self, elsewhere, tmp_path):
        with pytest.raises(errors.BadInput, match="not a backup"):
            restore(elsewhere, tmp_path / "data" / "objects")

    def test_a_damaged_one_leaves_nothing(self, elsewhere, tmp_path):
        (tmp_path / "backup/catalogue.sqlite").write_bytes(b"nothing of the kind" * 1_000)
        with pytest.raises(errors.DatabaseUnavailable, match="Cannot copy the database"):
            restore(elsewhere, tmp_path / "backup")
        assert list(elsewhere.data_dir.iterdir()) == []


class TestCommands:
    @pytest.fixture(autouse=True)
    def environment(self, library, tmp_path, monkeypatch):
        monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("VDR_PAGE_LONG_SIDE", "256")
        monkeypatch.setattr("vdr.models.loading._load_embedder", lambda _: TinyEmbedder())
        commands.backup(tmp_path / "backup")  # while the library is open
        monkeypatch.setenv("VDR_DATA_DIR", str(tmp_path / "elsewhere"))

    def test_the_same_pages_are_found_after_a_restore(self, library, tmp_path, capsys):
        commands.restore(tmp_path / "backup")
        assert capsys.readouterr().out.rstrip().endswith("No problems found.")
        with library_in(tmp_path / "elsewhere") as restored:
            assert content(restored) == content(library)
            assert all(d.indexing.state is DocumentState.INDEXED for d in restored.catalogue.page(10))

    def test_a_document_without_its_file_is_told(self, library, tmp_path, capsys):
        document = next(d for d in library.catalogue.page(10) if d.name == "b.pdf")
        shutil.rmtree(tmp_path / f"backup/objects/default/{document.document_id}")
        with pytest.raises(typer.Exit) as ended:
            commands.restore(tmp_path / "backup")
        assert ended.value.exit_code == 1
        assert "b.pdf: the PDF is missing or damaged" in capsys.readouterr().out


def test_what_people_have_said_comes_back(library, settings, elsewhere, tmp_path):
    (document, *_) = library.catalogue.page(1)
    page = PageRef(document.document_id, 1)
    with open_services(library_settings(settings.data_dir), tiny_models()) as services:
        search = kept_search(pages=[page])
        keep_searches(services.engine, [("default", search)])
        given, _ = services.feedback(library).note(said(search, FeedbackKind.RIGHT, 1, page.document_id), 9)
        services.questions(library).put([LabelledQuestion("q1", "Fees?", page.document_id, (1,))])
    back_up(settings, tmp_path / "backup")
    restore(elsewhere, tmp_path / "backup")
    with open_services(library_settings(elsewhere.data_dir), tiny_models()) as services:
        found = services.library()
        assert list(services.searches(found).each()) == [(search, (given,))]
        assert [each.query_id for each in services.questions(found).each()] == ["q1"]

"""Files, folders and patterns all lead to documents, each once; what is no document is passed over."""

import errno
import os
from pathlib import Path

import pytest

from indexer.paths import Told, find_files, find_pdfs
from vdr.errors import BadInput
from vdr.settings import IndexSettings


@pytest.fixture
def folder(tmp_path, monkeypatch):
    make(
        tmp_path,
        "a.pdf",
        "B.PDF",
        "notes.txt",
        "deep/er/c.pdf",
        "deep/budget [2023].pdf",
        "not-a-file.pdf/d.pdf",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(*paths):
    return [path.name for path in find_files(paths)]


def below(folder, told=None, **options):
    """What a folder gives, by the paths below it."""
    found = find_files([str(folder)], told=told, **options)
    return [path.relative_to(folder).as_posix() for path in found]


def test_a_folder_gives_every_pdf_below_it_in_order(folder):
    assert names(str(folder)) == ["B.PDF", "a.pdf", "budget [2023].pdf", "c.pdf", "d.pdf"]


def test_a_named_file_is_taken_whatever_its_ending(folder):
    assert names("notes.txt", "a.pdf") == ["notes.txt", "a.pdf"]


def test_patterns_are_resolved(folder):
    assert names("*.pdf") == ["a.pdf", "d.pdf"]  # a folder that matches gives the PDFs below it
    assert names("**/c.*") == ["c.pdf"]
    assert names(str(folder / "d*" / "er")) == ["c.pdf"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder):
    assert names("deep/budget [2023].pdf") == ["budget [2023].pdf"]


def test_a_file_meant_twice_is_found_once(folder):
    assert names("a.pdf", "./a.pdf", str(folder / "a.pdf"), "*.pdf") == ["a.pdf", "d.pdf"]


def test_a_path_that_leads_nowhere_is_told(folder):
    with pytest.raises(BadInput, match=r"missing\.pdf"):
        find_files(["a.pdf", "missing.pdf"])


def test_a_folder_without_pdfs_is_told(folder):
    (folder / "empty").mkdir()
    with pytest.raises(BadInput, match="empty"):
        find_files(["empty"])


def test_a_home_that_nobody_has_is_told():
    with pytest.raises(BadInput, match="home folder"):
        find_files(["~nobody-of-this-name/a.pdf"])


class TestJunk:
    NAMES = (
        "._a.pdf",
        "~$b.docx",
        ".hidden.pdf",
        ".config/c.pdf",
        ".Trash-1000/files/d.pdf",
        "$RECYCLE.BIN/e.pdf",
        "mail/__MACOSX/f.pdf",
        "mail/Thumbs.db",
        ".DS_Store",
    )

    def test_it_is_passed_over_and_said_to_be(self, folder):
        make(folder, *self.NAMES, "mail/g.pdf")
        told = Told()
        assert "mail/g.pdf" in below(folder, told)
        assert len(below(folder)) == 6
        skipped = {each.path.relative_to(folder).as_posix(): each.reason for each in told.skipped}
        assert (
            skipped["._a.pdf"]
            == skipped["~$b.docx"]
            == skipped["mail/__MACOSX"]
            == "left by a system or program"
        )
        assert skipped[".Trash-1000"] == skipped["$RECYCLE.BIN"] == "a trash"
        assert skipped[".config"] == skipped[".hidden.pdf"] == skipped[".DS_Store"] == "hidden"
        assert len(skipped) == len(self.NAMES)

    def test_it_is_taken_where_it_is_wanted(self, folder):
        make(folder, *self.NAMES)
        wanted = {each for each in self.NAMES if each.endswith(".pdf")}
        assert wanted <= set(below(folder, hidden=True))

    def test_it_is_taken_where_it_is_named(self, folder):
        make(folder, ".config/c.pdf", "._a.pdf")
        assert names("._a.pdf", ".config") == ["._a.pdf", "c.pdf"]

    def test_nothing_else_says_how_much_was_skipped(self, folder):
        make(folder, "only/.a.pdf")
        with pytest.raises(BadInput, match=r"only \(1 skipped\)"):
            find_files(["only"])


PAGE = f"objects/default/{'ab' * 32}/pages/1.webp"


class TestOwnData:
    def test_what_lies_in_the_data_folder_is_no_document(self, folder):
        make(folder, f"data/{PAGE}", "data/uploads-x/a.pdf", "data/other.pdf")
        settings = IndexSettings(data_dir=folder / "data")
        told = Told()
        assert not [each for each in below(folder, told, settings=settings) if each.startswith("data")]
        assert [str(each) for each in told.skipped] == [f"{folder / 'data'}: vdr's own data"]

    def test_the_data_folder_is_that_of_the_environment(self, folder, monkeypatch):
        make(folder, f"data/{PAGE}", "data/a.pdf")
        monkeypatch.setenv("VDR_DATA_DIR", "data")
        assert not [each for each in below(folder) if each.startswith("data")]

    @pytest.mark.parametrize("kind", ["objects", "index"])
    def test_nor_what_lies_in_another_data_folder_or_a_backup(self, folder, kind):
        make(folder, "backups/monday/catalogue.sqlite", f"backups/monday/{kind}/a.pdf", "backups/b.pdf")
        assert [each for each in below(folder) if each.startswith("backups")] == ["backups/b.pdf"]

    def test_nor_what_a_copy_of_a_bucket_has(self, folder):
        make(folder, f"copy/default/{'0f' * 32}/x.pdf")
        assert not [each for each in below(folder) if each.startswith("copy")]

    def test_nor_what_lies_where_objects_are_kept(self, folder):
        make(folder, "kept/default/a.pdf")
        settings = IndexSettings(objects_url=(folder / "kept").as_uri())
        assert not [each for each in below(folder, settings=settings) if each.startswith("kept")]

    def test_nor_a_cache(self, folder):
        make(folder, "cache/a.pdf", "tagged/a.pdf", "tagged/CACHEDIR.TAG")
        (folder / "cache/CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
        assert "cache/a.pdf" not in below(folder)
        assert "tagged/a.pdf" in below(folder)

    def test_nor_what_a_link_leads_to_it_by(self, folder):
        make(folder, f"data/{PAGE}", "docs/a.pdf")
        (folder / "docs/linked").symlink_to(folder / "data")
        settings = IndexSettings(data_dir=folder / "data")
        assert below(folder / "docs", settings=settings) == ["a.pdf"]

    def test_nor_when_it_is_named(self, folder, monkeypatch):
        make(folder, f"data/{PAGE}")
        monkeypatch.setenv("VDR_DATA_DIR", str(folder / "data"))
        for named in ("data", "data/objects", f"data/{PAGE}", "data/**/*.webp", "data/objects/default"):
            with pytest.raises(BadInput):
                find_files([named])

    def test_documents_that_people_keep_there_are_taken_when_they_are_named(self, folder, monkeypatch):
        make(folder, f"data/{PAGE}", "data/documents/a.pdf")
        monkeypatch.setenv("VDR_DATA_DIR", str(folder / "data"))
        assert names("data/documents") == names("data") == ["a.pdf"]

    def test_a_folder_of_the_same_names_that_is_no_data_folder_is_read(self, folder):
        make(folder, "shop/objects/a.pdf", "shop/index/b.pdf", "museum/catalogue.sqlite", "museum/c.pdf")
        assert {"shop/objects/a.pdf", "shop/index/b.pdf", "museum/c.pdf"} <= set(below(folder))


class TestLinks:
    def test_a_linked_folder_is_read(self, folder, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        make(elsewhere, "x.pdf")
        (folder / "linked").symlink_to(elsewhere)
        assert "linked/x.pdf" in below(folder)

    def test_a_file_has_its_real_path_where_links_lead_to_it_as_well(self, folder):
        (folder / "a-link.pdf").symlink_to(folder / "deep/er/c.pdf")
        (folder / "aaa").symlink_to(folder / "deep")
        told = Told()
        assert below(folder, told) == [
            "B.PDF",
            "a.pdf",
            "deep/budget [2023].pdf",
            "deep/er/c.pdf",
            "not-a-file.pdf/d.pdf",
        ]
        assert [str(each) for each in told.skipped] == [
            f"{folder / 'aaa'}: a link to a folder that is read already"
        ]

    def test_a_loop_is_noticed(self, folder):
        (folder / "deep/er/up").symlink_to(folder)
        (folder / "deep/self").symlink_to(folder / "deep/self")
        told = Told()
        assert len(below(folder, told)) == 5
        assert [each.path.name for each in told.skipped] == ["up"]

    def test_two_links_to_each_other_and_to_nothing_stop_nothing(self, folder):
        (folder / "x.pdf").symlink_to(folder / "y.pdf")
        (folder / "y.pdf").symlink_to(folder / "x.pdf")
        (folder / "z.pdf").symlink_to(folder / "gone.pdf")
        told = Told()
        assert len(below(folder, told)) == 5
        assert {each.reason for each in told.skipped} == {"a link that leads nowhere"}

    def test_a_folder_named_twice_is_read_once(self, folder):
        (folder / "also").symlink_to(folder / "deep")
        assert names("deep", "also") == ["budget [2023].pdf", "c.pdf"]


class TestClosedFolders:
    @pytest.fixture
    def closed(self, folder, monkeypatch):
        """A folder that this user cannot open, though the tests may run as one who can."""
        make(folder, "deep/private/secret.pdf")
        real = os.scandir

        def scandir(path):
            if Path(path).name == "private":
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path)

        monkeypatch.setattr(os, "scandir", scandir)
        return folder / "deep" / "private"

    def test_it_is_named_and_the_rest_is_found(self, folder, closed):
        told = Told()
        assert len(below(folder, told)) == 5
        assert [str(each) for each in told.closed] == [f"{closed}: cannot be read: Permission denied"]

    def test_it_is_named_where_there_is_nothing_else(self, closed):
        told = Told()
        assert below(closed, told) == []
        assert len(told.closed) == 1

    def test_whoever_wants_all_of_a_corpus_is_stopped(self, folder, closed):
        with pytest.raises(BadInput, match="private: cannot be read"):
            find_pdfs([str(folder)])

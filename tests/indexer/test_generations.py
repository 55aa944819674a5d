"""Generations side by side: built from what is kept, followed, switched to, switched back, dropped."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from indexer import generations
from indexer.commands.index import index_queued
from indexer.ingest import give_up, index_document
from indexer.library import Library
from indexer.services import Services, open_services
from tests.fixtures.libraries import content, library_settings
from tests.fixtures.pdfs import write_report
from tests.fixtures.turned import TURNED, TurnedEmbedder, two_models
from vdr.errors import (
    BadInput,
    GenerationIncomplete,
    GenerationNotFound,
    GenerationServes,
    NotFound,
    PageFailed,
    StorageFull,
)
from vdr.settings import IndexSettings, ModelSettings, Settings
from vdr.types import Box, CollectionSettings, DocumentState, PageRef, SearchRequest, Word

TO_TURNED = CollectionSettings(embedder=TURNED)
Add = Callable[..., str]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    made = library_settings(tmp_path / "data")
    index = IndexSettings(data_dir=tmp_path / "data")
    if request.param == "postgresql":
        url = SecretStr(request.getfixturevalue("database_url"))
        index = IndexSettings(data_dir=tmp_path / "data", database_url=url)
    return made.model_copy(update={"index": index, "model": ModelSettings(embedders=(TURNED,))})


@pytest.fixture
def services(settings: Settings) -> Iterator[Services]:
    with open_services(settings, two_models()) as opened:
        yield opened


@pytest.fixture
def add(services: Services, tmp_path: Path) -> Add:
    """Adds a document of its own and indexes it in the serving generation; its id."""

    def added(name: str, pages: int = 2, *, is_indexed: bool = True) -> str:
        library = services.library()
        path = write_report(tmp_path / f"{name}.pdf", pages, name)
        document_id = library.add(path, path.name)[0].document_id
        if is_indexed:
            index_document(library, document_id)
        return document_id

    return added


def build(services: Services, generation: str) -> Library:
    """Build a generation to the end, as a command does."""
    library = generations.begin_building(services, "default", generation)
    index_queued(library)
    return library


def found(services: Services, text: str) -> list[PageRef]:
    """What the collection's searches find."""
    library = services.library()
    assert library.index is not None
    searcher = library.searcher(services.settings.search, library.index, library.embedder)
    return [hit.page for hit in searcher.search(SearchRequest(text)).hits]


def nothing_drawn(*_: object) -> None:
    raise AssertionError("A page was rasterized.")


def test_it_is_built_from_images_and_words_and_nothing_is_drawn(
    services: Services, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    add("a", 5)
    before = content(services.library())
    assert generations.create(services, "default", TO_TURNED).name == "g2"
    monkeypatch.setattr("indexer.stored.prepare_pages", nothing_drawn)
    monkeypatch.setattr("indexer.ingest.prepare_pages", nothing_drawn)
    beside = build(services, "g2")
    assert content(services.library()) == before
    built = content(beside)
    assert built.keys() == before.keys()
    for page, kept in before.items():
        own = built[page]
        assert own[:6] == kept[:6] and own[7] == kept[7] and own[10] == kept[10]  # told, words and image
        assert own[6] != kept[6] and own[8] is not None  # embedded and read by the other model


def test_pages_of_which_something_is_lost_are_drawn_again(
    services: Services, add: Add, tmp_path: Path
) -> None:
    document_id = add("a")
    [lost] = [path for path in tmp_path.rglob("2.webp") if document_id in str(path)]
    lost.unlink()
    generations.create(services, "default", TO_TURNED)
    beside = build(services, "g2")
    assert beside.indexed_pages(document_id) == {1, 2}
    assert services.library().objects.page_image(PageRef(document_id, 2))


def test_words_that_ocr_has_found_are_found_in_it_too(services: Services, add: Add) -> None:
    document_id = add("a")
    library, page = services.library(), PageRef(add("b"), 1)

    words = library.objects.page_words(page)
    library.objects.put_page_words(page, replace(words, ocr=(Word("zeppelin", Box(0.8, 0.8, 0.9, 0.9)),)))
    generations.create(services, "default", TO_TURNED)
    build(services, "g2")
    generations.switch(services, "default", "g2")
    assert found(services, "zeppelin")[0] == page
    assert services.library().objects.page_words(page).ocr
    assert document_id != page.document_id


def test_a_switch_is_refused_until_it_is_complete_and_searches_go_on_meanwhile(
    services: Services, add: Add
) -> None:
    document_id = add("a")
    generations.create(services, "default", TO_TURNED)
    with pytest.raises(GenerationIncomplete, match="never built"):
        generations.switch(services, "default", "g2")
    build(services, "g2")
    add("b")
    with pytest.raises(GenerationIncomplete, match="lacks 1 of 2 documents"):
        generations.switch(services, "default", "g2")
    assert services.library().generation.name == "g1" and found(services, "report")
    index_queued(services.library(generation="g2"))
    collection = generations.switch(services, "default", "g2")
    assert (collection.serving, collection.settings.embedder) == ("g2", TURNED)
    assert isinstance(services.library().embedder, TurnedEmbedder)
    assert document_id in {page.document_id for page in found(services, "report")}
    with pytest.raises(GenerationServes):
        generations.switch(services, "default", "g2")


def test_a_rollback_is_at_once_and_brings_up_what_came_since(services: Services, add: Add) -> None:
    old = add("a")
    generations.create(services, "default", TO_TURNED)
    build(services, "g2")
    generations.switch(services, "default", "g2")
    new = add("b")
    collection = generations.roll_back(services, "default")
    assert (collection.serving, collection.settings.embedder) == ("g1", None)
    library = services.library()
    assert {page.document_id for page in found(services, "report")} == {old}
    assert library.catalogue.get(new).indexing.state is DocumentState.QUEUED
    index_queued(library)
    assert {page.document_id for page in found(services, "report")} == {old, new}
    assert generations.roll_back(services, "default").serving == "g2"


def test_without_an_earlier_one_there_is_no_way_back(services: Services, add: Add) -> None:
    add("a")
    with pytest.raises(GenerationNotFound, match="served before"):
        generations.roll_back(services, "default")


def test_documents_that_come_change_and_go_meanwhile_are_followed(services: Services, add: Add) -> None:
    first, gone = add("a"), add("b")
    generations.create(services, "default", TO_TURNED)
    beside = build(services, "g2")
    late = add("c")
    generations.follow(services)
    index_queued(beside)
    library = services.library()
    library.delete(gone)
    library.change(first, name="renamed.pdf")
    assert {page.document_id for page in content_pages(beside)} == {first, late}
    names = {point.page.document_id: point.document_name for point in beside.index.points()}
    assert names[first] == "renamed.pdf"
    generations.switch(services, "default", "g2")


def content_pages(library: Library) -> set[PageRef]:
    assert library.index is not None
    return {point.page for point in library.index.points()}


def test_what_is_being_indexed_at_the_switch_is_indexed_by_the_new_one(services: Services, add: Add) -> None:
    add("a")
    generations.create(services, "default", TO_TURNED)
    build(services, "g2")
    waiting = add("b", is_indexed=False)
    generations.switch(services, "default", "g2")
    library = services.library()
    assert library.catalogue.get(waiting).indexing.state is DocumentState.QUEUED
    index_document(library, waiting)
    assert library.indexed_pages(waiting) == {1, 2}


def test_documents_that_were_given_up_are_listed_and_followed_once_they_are_not(
    services: Services, add: Add
) -> None:
    add("a")
    failed = add("b", is_indexed=False)
    give_up(services.library(), failed, PageFailed("Out of luck."))
    generations.create(services, "default", TO_TURNED)
    beside = build(services, "g2")
    listed = beside.catalogue.get(failed).indexing
    assert (listed.state, listed.error_message) == (DocumentState.FAILED, "Out of luck.")
    library = services.library()
    library.retry(failed)
    index_document(library, failed)
    build(services, "g2")
    assert beside.indexed_pages(failed) == {1, 2}


def test_documents_that_fail_in_it_are_counted_and_tried_again(settings: Settings, tmp_path: Path) -> None:
    fails = [True]

    def refuse(_: object) -> None:
        if fails:
            raise PageFailed("Out of memory.")

    with open_services(settings, two_models(turned=TurnedEmbedder(refuse))) as services:
        library = services.library()
        path = write_report(tmp_path / "a.pdf", 1)
        index_document(library, library.add(path, path.name)[0].document_id)
        generations.create(services, "default", TO_TURNED)
        build(services, "g2")
        progress = generations.standing(services, "default", "g2").progress
        assert (progress.documents, progress.indexed, progress.failed) == (1, 0, 1)
        with pytest.raises(GenerationIncomplete):
            generations.switch(services, "default", "g2")
        fails.clear()
        build(services, "g2")
        assert generations.standing(services, "default", "g2").progress.is_complete


def test_a_dropped_one_leaves_nothing_behind_and_the_documents_as_they_are(
    services: Services, add: Add, tmp_path: Path
) -> None:
    document_id = add("a")
    before = content(services.library())
    generations.create(services, "default", TO_TURNED)
    beside = build(services, "g2")
    assert any("g2" in path.name for path in (tmp_path / "data").rglob("*"))
    generations.drop(services, "default", "g2")
    assert not [path for path in (tmp_path / "data").rglob("*") if "g2" in path.name]
    assert content(services.library()) == before
    # A job that was under way in it when it was dropped.
    give_up(beside, document_id, PageFailed("Too late."))
    assert content(services.library()) == before
    with services.library().objects.pdf_file(document_id):
        pass
    with pytest.raises(GenerationNotFound):
        services.library(generation="g2")
    with pytest.raises(GenerationServes):
        generations.drop(services, "default", "g1")


@pytest.mark.parametrize(("kept", "left"), [(0, ["g3"]), (1, ["g2", "g3"]), (2, ["g1", "g2", "g3"])])
def test_so_many_earlier_ones_are_kept(
    settings: Settings, tmp_path: Path, kept: int, left: list[str]
) -> None:
    index = settings.index.model_copy(update={"kept_generations": kept})
    with open_services(settings.model_copy(update={"index": index}), two_models()) as services:
        library = services.library()
        path = write_report(tmp_path / "a.pdf", 1)
        index_document(library, library.add(path, path.name)[0].document_id)
        for name, chosen in (("g2", TO_TURNED), ("g3", CollectionSettings())):
            generations.create(services, "default", chosen)
            build(services, name)
            generations.switch(services, "default", name)
        assert [each.generation.name for each in generations.standings(services, "default")] == left
        assert found(services, "report")


def test_cancelling_in_it_takes_nothing_from_the_one_that_serves(services: Services, add: Add) -> None:
    document_id = add("a")
    before = content(services.library())
    generations.create(services, "default", TO_TURNED)
    beside = build(services, "g2")
    beside.erase_pages(document_id)
    assert content(services.library()) == before
    assert beside.indexed_pages(document_id) == frozenset()


def test_bad_input_says_what_is_wrong(services: Services, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    add("a")
    with pytest.raises(BadInput, match="not among the models"):
        generations.create(services, "default", CollectionSettings(embedder="models/nobody"))
    with pytest.raises(NotFound):
        generations.create(services, "nowhere", CollectionSettings())
    with pytest.raises(GenerationServes):
        generations.begin_building(services, "default", "g1")
    with pytest.raises(GenerationNotFound):
        generations.begin_building(services, "default", "g7")
    generations.create(services, "default", TO_TURNED)
    monkeypatch.setattr("indexer.generations._ROOM", 1e12)
    with pytest.raises(StorageFull, match="may need"):
        generations.begin_building(services, "default", "g2")

"""Our own client on a service that listens: its models are as described, and every call works."""

import asyncio
import inspect
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from PIL import Image
from pydantic import BaseModel

from tests.clients.conftest import Served
from tests.fixtures.pdfs import write_pdf
from tests.fixtures.serving import serving
from tests.project.files import table_rows, text_of
from vdr.client import AsyncClient, Client, PageRef, SearchOptions, models
from vdr.client.options import Listing
from vdr.errors import CollectionNotFound, NotFound, PdfBroken

# Named as the description does.
NAMED: dict[str, type[models.Answer]] = {
    "CollectionList": models.Collections,
    "CollectionOptions": models.CollectionSettings,
    "CollectionOut": models.Collection,
    "DeletionOut": models.Deletion,
    "DocumentList": models.Documents,
    "DocumentOut": models.Document,
    "DocumentRef": models.DocumentName,
    "ErrorOut": models.DocumentFault,
    "ExplanationOut": models.PageExplanation,
    "FacetOut": models.Facet,
    "FacetValueOut": models.FacetValue,
    "GenerationOut": models.Generation,
    "GroupOut": models.Group,
    "HitDocument": models.HitDocument,
    "HitExplanation": models.HitExplanation,
    "HitOut": models.Hit,
    "HitRegion": models.HitRegion,
    "NeighbourOut": models.Neighbour,
    "PageErrorOut": models.PageFault,
    "PageList": models.Pages,
    "PageOut": models.Page,
    "KeptStep": models.RerankStep,
    "PageTextOut": models.PageText,
    "PlanOut": models.Plan,
    "RegionOut": models.Region,
    "SearchResponse": models.SearchResult,
    "BatchResponse": models.SearchResults,
    "SnippetOut": models.Snippet,
    "StageOut": models.Stage,
    "UploadOut": models.Upload,
    "Uploads": models.Uploads,
    "Version": models.Version,
    "WarningOut": models.DocumentFault,
    "WordOut": models.Word,
}
# Made of what others say: the problem of an upload is told by an error.
NOT_TAKEN_OVER: dict[str, type[models.Answer]] = {"Problem": models.Refusal}


@pytest.fixture(scope="module")
def description(served: Served) -> Any:
    return json.loads(served.description.read_text())


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with httpx.Client(trust_env=False, timeout=60) as http, Client(served.address, http=http) as client:
        yield client


class TestDescription:
    def test_every_model_has_the_fields_that_a_service_tells(self, description: Any) -> None:
        schemas = description["components"]["schemas"]
        for name, model in NAMED.items():
            told = {
                field for field, about in schemas[name]["properties"].items() if not about.get("deprecated")
            }
            assert set(model.model_fields) == told, name

    def test_no_model_asks_for_more_than_is_always_there(self, description: Any) -> None:
        schemas = description["components"]["schemas"]
        for name, model in (NAMED | NOT_TAKEN_OVER).items():
            asked = {field for field, about in model.model_fields.items() if about.is_required()}
            assert asked <= set(schemas[name].get("required", ())), name

    def test_every_model_is_compared(self) -> None:
        answers = {
            each
            for _, each in inspect.getmembers(models, inspect.isclass)
            if issubclass(each, models.Answer) and each is not models.Answer
        }
        assert answers == {*NAMED.values(), *NOT_TAKEN_OVER.values()}

    def test_a_search_can_be_given_all_that_the_service_takes(self, description: Any) -> None:
        fields = set(description["components"]["schemas"]["SearchBody"]["properties"])
        options = SearchOptions.__annotations__.keys() - {"document_ids"} | {"filters"}
        assert fields == options | {"query", "page"}

    def test_its_choices_are_those_of_the_service(self, description: Any) -> None:
        schemas = description["components"]["schemas"]
        for option, name in (("mode", "SearchMode"), ("effort", "Effort"), ("sort", "SearchSort")):
            assert set(get_args(SearchOptions.__annotations__[option])) == set(schemas[name]["enum"])
        assert set(get_args(Listing.__annotations__["sort"])) == set(schemas["DocumentSort"]["enum"])

    def test_both_clients_offer_the_same(self) -> None:
        def offered(kind: type) -> dict[str, Any]:
            methods = inspect.getmembers(kind, inspect.isfunction)
            return {
                name: inspect.signature(each).parameters for name, each in methods if not name.startswith("_")
            }

        assert offered(Client) == offered(AsyncClient)


class TestCalls:
    def test_words_find_a_page_with_its_image_and_text(self, client: Client, served: Served) -> None:
        found = client.search("price of a day pass", mode="text", explain=True, facets=["kind"])
        best = found.hits[0]
        assert best.page == served.page and best.explanation is not None
        assert found.facets["kind"].values[0].value == "pdf"
        image = Image.open(BytesIO(client.page_image(best, width=200, kind="png")))
        assert (image.format, image.width) == ("PNG", 200)
        assert "A day pass costs" in client.page_text(best).text
        assert client.explain(best, "day pass").sentence

    def test_an_image_finds_its_page(self, client: Client, served: Served) -> None:
        found = client.search_image(served.image, mode="visual", document_ids=[served.page[0]], limit=1)
        assert found.hits[0].page == served.page

    def test_a_page_finds_others(self, client: Client, served: Served) -> None:
        page = PageRef(*served.page)
        assert page not in [hit.page for hit in client.similar(page).hits]

    def test_all_hits_come_once(self, client: Client) -> None:
        pages = [hit.page for hit in client.hits("whales", limit=2)]
        assert len(set(pages)) == len(pages) == 5

    def test_several_questions_at_once(self, client: Client) -> None:
        whales, tram = client.search_many(["humpback whales", "tram lines"], limit=1)
        assert (whales.hits[0].document.name, tram.hits[0].document.name) == ("whales.pdf", "tram.pdf")

    def test_documents_and_their_pages_are_listed(self, client: Client) -> None:
        documents = list(client.documents(sort="name", page_size=1, name="a"))
        assert [each.name for each in documents] == ["tram.pdf", "whales.pdf"]
        assert [page.page_number for page in client.pages(documents[1])] == [1, 2, 3]
        assert client.file(documents[0]).startswith(b"%PDF-")

    def test_a_page_that_is_gone_is_one_typed_error(self, client: Client, served: Served) -> None:
        for call in (client.page_image, client.page_text, client.similar):
            with pytest.raises(NotFound, match="999"):
                call(PageRef(served.page[0], 999))

    def test_a_collection_that_is_not_there(self, client: Client) -> None:
        with pytest.raises(CollectionNotFound):
            client.collection("nowhere").search("anything")

    def test_the_version(self, client: Client) -> None:
        assert re.fullmatch(r"\d+\.\d+\.\d+", client.version().version)


def test_a_document_from_upload_to_deletion(tmp_path: Path) -> None:
    pdf = write_pdf(tmp_path / "new.pdf", ["Brand new\nNobody knows it."])
    with (
        serving(tmp_path) as address,
        httpx.Client(trust_env=False, timeout=60) as http,
        Client(address, http=http) as client,
    ):
        assert client.create_collection("letters", settings={"max_pages": 5}).settings.max_pages == 5
        letters = client.collection("letters")
        sent: list[tuple[int, int]] = []
        added = letters.upload(pdf, metadata={"year": 2023}, progress=lambda *told: sent.append(told))
        assert sent[-1] == (pdf.stat().st_size, pdf.stat().st_size)
        states = [each.state for each in letters.events(added)]
        assert states[-1] == "indexed" and added.document_id == sha256(pdf.read_bytes()).hexdigest()
        assert letters.wait(added).page_count == 1
        changed = letters.change(added, name="letter.pdf", metadata={"draft": True})
        assert (changed.name, dict(changed.metadata)) == ("letter.pdf", {"year": 2023, "draft": True})
        assert letters.search("brand new").hits[0].document.name == "letter.pdf"
        assert letters.delete_where({"year": 2023}).count == 1
        letters.delete(added)
        assert list(letters.documents()) == []
        with pytest.raises(PdfBroken):
            letters.upload(b"%PDF-1.7 cut off", name="cut.pdf")
        client.delete_collection("letters")
        assert [each.name for each in client.collections()] == ["default"]


def test_the_async_client_does_the_same(served: Served) -> None:
    async def use() -> tuple[str, list[str], str]:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=60) as http,
            AsyncClient(served.address, http=http) as client,
        ):
            hit, *_ = [each async for each in client.hits("humpback whales", limit=2)]
            names = [each.name async for each in client.documents(sort="name", name="a")]
            return hit.document.name, names, (await client.page_text(hit)).text

    name, names, text = asyncio.run(use())
    assert (name, names) == ("whales.pdf", ["tram.pdf", "whales.pdf"])
    assert "Humpback" in text


def test_answers_do_not_change(client: Client) -> None:
    version = client.version()
    assert isinstance(version, BaseModel)
    with pytest.raises(ValueError, match="frozen"):
        version.version = "9"  # type: ignore[misc]


class TestDocument:
    """docs/client.md."""

    def test_its_code_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        write_pdf(tmp_path / "report.pdf", ["Net sales by region\nThe north grew fastest."])
        with serving(tmp_path) as address:
            run = r"<!-- run by [^\n]*\n```python\n(.*?)```"
            for block in re.findall(run, text_of("docs/client.md"), re.DOTALL):
                told = block.replace("http://localhost:8000", address)
                exec(compile(told, "docs/client.md", "exec"), {"__name__": "docs"})
        first, second, third = capsys.readouterr().out.splitlines()
        assert first.startswith("report.pdf 1 Net sales")
        assert second == "['report.pdf']"
        assert third.endswith("List documents with GET /v1/documents.")

    def test_it_names_every_method(self) -> None:
        told = " ".join(cell for row in table_rows(text_of("docs/client.md")) for cell in row)
        methods = {name for name in vars(Client) if not name.startswith("_")}
        assert {name for name in methods if f"client.{name}(" not in told} == set()

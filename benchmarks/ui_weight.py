"""What the web UI weighs and what axe has against it, state by state, at three widths, light and dark.

    python -m benchmarks.ui_weight FOLDER

FOLDER contains PDFs, which a service of its own indexes with the model of the settings. Each state is loaded
with an empty cache; its bytes are those that crossed the network. The last line is one JSON object.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from playwright.sync_api import Browser, Response, sync_playwright

from app.service import create_app
from tests.e2e.conftest import CHROMIUM
from tests.fixtures.pdfs import write_encrypted
from tests.fixtures.serving import listening
from tests.fixtures.ui_states import LOOKS, Reach, fill, states, violations_in
from vdr.environment import read_settings

_INDEXING_MS = 3_600_000


def main(
    folder: Annotated[Path, typer.Argument(help="Folder with PDFs.")],
    question: Annotated[str, typer.Option(help="Question whose results are weighed.")] = "total revenue",
) -> None:
    """Open every state of the web UI."""
    with TemporaryDirectory(prefix="vdr-") as place, _serving(Path(place)) as address, _browser() as browser:
        page = browser.new_page()
        fill(page, address, sorted(folder.glob("*.pdf")), patience_ms=_INDEXING_MS)
        locked, image = Path(place, "locked.pdf"), Path(place, "image.webp")
        write_encrypted(locked, user_password="sesame")
        cover = page.locator(".covers img").first.get_attribute("src")
        image.write_bytes(page.request.get(f"{address}{cover}").body())
        page.close()
        found = {
            name: _measure(browser, address, reach) for name, reach in states(locked, image, question).items()
        }
    for name, (size, wrong) in found.items():
        typer.echo(f"{name:18} {size / 1_000:6.0f} KB   {len(wrong)} violations")
    figures = {
        "benchmark": "ui_weight",
        "kilobytes": {name: round(size / 1_000) for name, (size, _) in found.items()},
        "violations": [f"{name}: {each}" for name, (_, wrong) in found.items() for each in wrong],
    }
    typer.echo(json.dumps(figures))


def _measure(browser: Browser, address: str, reach: Reach) -> tuple[int, list[str]]:
    """The bytes of a state at a desk, with nothing cached, and what is wrong with it in every look."""
    with closing(browser.new_context(viewport={"width": 1280, "height": 900})) as context:
        page, answers = context.new_page(), list[Response]()
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it marks what it is given
        reach(page, address)
        page.wait_for_load_state("networkidle")
        size = sum(answer.request.sizes()["responseBodySize"] for answer in answers)
        return size, violations_in(page, LOOKS)


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    settings = read_settings()
    settings.index.data_dir = folder / "data"
    with listening(create_app(settings)) as address:
        yield address


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        with closing(playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)) as browser:
            yield browser


if __name__ == "__main__":
    typer.run(main)

"""Asks a service under test: searches by words, by an image, several at once."""

from io import BytesIO
from typing import Any

from PIL import Image

from tests.app.talking import Service


def ask(service: Service, **body: Any) -> Any:
    return service.client.post("/v1/search", json=body)


def batch(service: Service, searches: list[Any]) -> Any:
    return service.client.post("/v1/search/batch", json={"searches": searches})


def page_image(service: Service, hit: dict[str, Any], kind: str = "PNG") -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(service.client.get(hit["image_url"]).content)) as image:
        image.save(out, kind)
    return out.getvalue()


def ask_image(service: Service, content: bytes, **params: Any) -> Any:
    return service.client.post("/v1/search/image", files={"image": ("query", content)}, params=params)

"""Where a hit stands, as the metadata that retrievers of other libraries hand on."""

from .models import Hit


def cited(hit: Hit) -> dict[str, str | int | float | None]:
    """Document, page, score and links of a hit; links are as the service gives them."""
    return {
        "document_id": hit.document.document_id,
        "document_name": hit.document.name,
        "page_number": hit.page_number,
        "page_label": hit.page_label,
        "score": hit.score,
        "confidence": hit.confidence,
        "image_url": hit.image_url,
        "page_url": hit.page_url,
    }

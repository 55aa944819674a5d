"""What people at the web UI can do about an error: most remedies of our errors speak to programs."""

import re
from collections.abc import Mapping

from vdr.errors import VdrError

_OPERATOR = "Ask whoever runs this service; its log says more."
_REMEDIES: Mapping[str, str] = {
    "bad_metadata": "Correct the metadata and try again.",
    "bad_filter": "Correct the filter, or empty its field.",
    "cancelled": "Choose “Try again” in the list of documents.",
    "collection_exists": "Choose another name.",
    "collection_not_found": "Choose one of the collections on the home page.",
    "file_too_large": "Split the file, or ask whoever runs this service to raise the limit.",
    "method_not_allowed": "Go back to the home page and try again.",
    "not_found": "It may have been deleted. Choose another one from the list of documents.",
    "object_damaged": "Delete the document and upload it again.",
    "page_timeout": "Simplify the page, or ask whoever runs this service to raise the limit.",
    "pdf_broken": "Open it in a PDF viewer, print or export it to a new PDF, and upload that.",
    "pdf_encrypted": "Enter its password.",
    "queue_full": "Try again in a few minutes.",
    "storage_full": "Ask whoever runs this service to free some disk space.",
    "too_many_searches": "Try again in a moment.",
    "too_many_pages": "Split the file, or ask whoever runs this service to raise the limit.",
    "unknown_route": "Check the address, or begin at the home page.",
    "worker_crashed": "Try again, or delete the document.",
}
_FOR_PROGRAMS = re.compile(r"VDR_|/v1/|\bvdr \w|\bqpdf\b|docs/|openapi|\w+-get\b|`|\bGET\b|\bcurl\b")


def remedy_for_people(error: VdrError) -> str:
    """What to do about an error, in the web UI.

    What was said for this one case alone stays, unless it speaks to programs.
    """
    is_general = error.remedy == type(error).remedy
    if is_general and error.code in _REMEDIES:
        return _REMEDIES[error.code]
    if _FOR_PROGRAMS.search(error.remedy):
        return _REMEDIES.get(error.code, _OPERATOR)
    return error.remedy

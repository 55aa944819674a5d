"""Addresses of servers that have a model."""

import re

_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")


def is_address(name: str) -> bool:
    """Whether a model is named by an address, not by a folder or a Hub name."""
    return name.startswith(("http://", "https://"))


def without_credentials(name: str) -> str:
    """The name of a model as it may be shown.

    >>> without_credentials("https://user:pass@host/rerank")
    'https://host/rerank'
    """
    return _CREDENTIALS.sub("", name)

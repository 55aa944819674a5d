"""Whether the Hugging Face Hub can be asked: its libraries retry for more than a minute where it cannot."""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

_HUB = "https://huggingface.co"
_YES = ("1", "ON", "YES", "TRUE")  # as huggingface_hub has it
_PATIENCE_S = 5.0


def is_here(path: str) -> bool:
    """Whether a checkpoint must be looked for on this machine alone: a folder, or a Hub name without a Hub.

    Sentence Transformers would ask the Hub whether it knows `models/tuned`.
    """
    return Path(path).is_dir() or not _answers()


def _answers() -> bool:
    """Whether something listens at the Hub's address; a proxy is taken to know the way there."""
    if os.getenv("HF_HUB_OFFLINE", "").upper() in _YES:
        return False
    if getproxies():
        return True
    hub = urlsplit(os.getenv("HF_ENDPOINT") or _HUB)
    try:
        socket.create_connection((hub.hostname or "", hub.port or 443), _PATIENCE_S).close()
    except OSError:
        return False
    return True

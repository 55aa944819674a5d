"""Turns off what dependencies send about their use unasked; `vdr` runs it before any of them is imported."""

import os
import sys

# A variable that is set already is what somebody asked for, and stays.
_OFF = {
    # huggingface_hub and transformers describe machine and session in every request to the Hub.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # datasets counts each data set that is loaded on its own host, folders of this machine included.
    "HF_UPDATE_DOWNLOAD_COUNTS": "0",
    # transformers has a bot of the Hub convert checkpoints that lack safetensors.
    "DISABLE_SAFETENSORS_CONVERSION": "1",
    "DO_NOT_TRACK": "1",
}


def turn_off() -> None:
    """Imports of openvino and nncf make no client id and send no event, and the Hub learns nothing extra."""
    for name, value in _OFF.items():
        os.environ.setdefault(name, value)
    # Both do without this package where it is missing, and offer no other switch that leaves no file in the
    # user's home. One that is imported already has been asked for by somebody else.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

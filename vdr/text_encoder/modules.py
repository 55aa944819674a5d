"""The text encoder for Sentence Transformers: `SentenceTransformer(path)` embeds with it, or trains it."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from sentence_transformers.base.modules import Transformer

from vdr.text_encoder.eight_bits import read_weights

_HUB_OPTIONS = ("token", "cache_folder", "revision", "local_files_only")


class EightBits(Transformer):
    """What a checkpoint names whose weights are in eight bits. It gives an ordinary Transformer.

    That one is in float32, can be trained, and is saved as any other.
    """

    @classmethod
    def load(  # type: ignore[override]
        cls,
        model_name_or_path: str,
        subfolder: str = "",
        **options: Any,  # noqa: ANN401 - as Transformer has them
    ) -> Transformer:
        """Reads what `write_weights` wrote, beside the files that a Transformer has."""
        hub = {name: options[name] for name in _HUB_OPTIONS if name in options}
        folder = cls.load_dir_path(model_name_or_path, subfolder=subfolder, **hub)
        if folder is None:
            raise FileNotFoundError(f"{model_name_or_path} has no files of a text encoder")
        with tempfile.TemporaryDirectory() as work:
            whole = Path(work)
            for file in Path(folder).glob("*.json"):
                shutil.copyfile(file, whole / file.name)
            state = {name: torch.from_numpy(weight) for name, weight in read_weights(Path(folder)).items()}
            save_file(state, whole / "model.safetensors", metadata={"format": "pt"})
            made: Transformer = Transformer.load(str(whole), **{**options, "trust_remote_code": False})
            return made

"""`package`: a checkpoint for texts becomes a text encoder: rotated, with its weights in eight bits."""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Dense, Normalize, Transformer
from sentence_transformers.sentence_transformer.modules import Pooling

from training.pairs.dataset import PairsDataset, read_pairs
from training.pairs.splits import TRAIN
from training.text_encoder.material import Material
from training.text_encoder.rotation import learned_rotation
from vdr.errors import BadInput
from vdr.models.checkpoint import open_checkpoint
from vdr.models.own_modules import EIGHT_BITS
from vdr.text_encoder.eight_bits import write_weights
from vdr.text_encoder.encoder import TextEncoder
from vdr.types import FloatArray

_WEIGHTS = "model.safetensors"
_MODULES = "modules.json"
_LENGTH = 128  # tokens of a window (docs/decisions/0023-text-encoder.md)
_PAGES = 4_000


def main() -> None:
    """Command line: `python -m training.text_encoder.package PAIRS BASE OUT`, PAIRS of `vdr pairs build`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=1_200, help="of learning the rotation")
    options = parser.parse_args()
    model = open_checkpoint(str(options.base), "cpu")
    package(model, read_pairs(options.pairs), options.out, options.steps)
    print(f"Use it with VDR_EMBEDDER=page-reader,{options.out}")


def package(model: SentenceTransformer, pairs: PairsDataset, folder: Path, steps: int) -> None:
    """Writes the text encoder, its rotation learned from the pairs' train split.

    Raises BadInput where the model is no BERT whose tokens' mean counts.
    """
    first, pooling = model[0], model[1]
    if not (
        isinstance(first, Transformer)
        and first.config.model_type == "bert"
        and isinstance(pooling, Pooling)
        and pooling.pooling_mode == "mean"
    ):
        raise BadInput("The base is no BERT whose embedding is the mean of its tokens'.")
    first.max_seq_length = _LENGTH
    _write(first, pooling, np.eye(pooling.get_embedding_dimension(), dtype=np.float32), folder)
    material = Material.of(TextEncoder.read(folder), pairs, TRAIN, _PAGES)
    _write(first, pooling, learned_rotation(material, steps), folder)


def _write(first: Transformer, pooling: Pooling, matrix: FloatArray, folder: Path) -> None:
    out, width = matrix.shape
    weight = torch.from_numpy(matrix)
    rotation = Dense(width, out, bias=False, activation_function=None, init_weight=weight)
    whole = SentenceTransformer(modules=[first, pooling, rotation, Normalize()], device="cpu")
    whole.save(str(folder), create_model_card=False)
    write_weights(folder, load_file(folder / _WEIGHTS))
    (folder / _WEIGHTS).unlink()
    modules = json.loads((folder / _MODULES).read_text())
    modules[0]["type"] = EIGHT_BITS
    (folder / _MODULES).write_text(json.dumps(modules, indent=2) + "\n")


if __name__ == "__main__":
    main()

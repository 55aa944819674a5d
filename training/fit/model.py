"""Opens the model to be trained, and writes it so that it can be served."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router

from training.fit.config import DataSection, LoraSection, ModelSection
from vdr.errors import BadInput, ModelError
from vdr.files import make_folder_whole
from vdr.models.checkpoint import open_checkpoint
from vdr.models.query_embedder import folder_of
from vdr.page_reader.modules import PageImage, WordSuperposition

ADAPTER = "default"


def open_embedder(section: ModelSection, *, device: str | None = None) -> SentenceTransformer:
    """The checkpoint that a configuration names, made ready to be trained.

    Raises ModelError when it cannot be loaded or takes neither images nor texts, BadInput when the
    configuration asks for what this checkpoint has not.
    """
    model = open_checkpoint(folder_of(section.base), device or training_device())
    model.to(getattr(torch, section.precision))
    words = next((module for module in model.modules() if isinstance(module, WordSuperposition)), None)
    if words is not None:
        _prepare_page_reader(model, words, section)
    elif section.add_projection or section.add_traits:
        raise BadInput(
            f"{section.base} is not a page reader.",
            remedy="Remove model.add_projection and model.add_traits.",
        )
    prepare_transformer(model, section)
    return model


def training_device() -> str | None:
    """The device of this process, where torchrun started several: the one of its own number."""
    if "LOCAL_RANK" in os.environ and torch.cuda.is_available():
        return f"cuda:{os.environ['LOCAL_RANK']}"
    return None if torch.cuda.is_available() else "cpu"


def prepare_transformer(model: Any, section: ModelSection) -> None:  # noqa: ANN401 - any of three kinds of model
    """Adapters, recomputed activations and smaller images, where the configuration asks for them."""
    if section.lora is not None:
        _add_lora(model, section.base, section.lora)
    if section.gradient_checkpointing:
        _transformer(model, section.base, "model.gradient_checkpointing").activation_checkpointing_enable()
    if section.max_pixels is not None:
        limit_pixels(model, section.base, section.max_pixels)


def limit_pixels(model: Any, base: str, most: int) -> None:  # noqa: ANN401
    """Shrinks the images that a vision-language model sees to so many pixels."""
    processor = getattr(getattr(model, "processor", None), "image_processor", None)
    size = getattr(processor, "size", None)
    if processor is None or size is None or "longest_edge" not in size:
        raise BadInput(f"{base} has no setting for the size of images.", remedy="Remove model.max_pixels.")
    processor.size = {
        "shortest_edge": min(size["shortest_edge"], most),
        "longest_edge": min(size["longest_edge"], most),
    }


def router_mapping(model: Any, columns: list[str]) -> dict[str, str] | None:  # noqa: ANN401
    """Which route each column takes, where a model has routes.

    A model that looks at images has one for texts, the query, and one for images, all else; one that reads
    has one for queries and one for documents.
    """
    if not isinstance(model[0], Router):
        return None
    query, page = ("text", "image") if model.supports("image") else ("query", "document")
    return {column: query if place == 0 else page for place, column in enumerate(columns)}


def prompts(section: DataSection, model: Any, columns: list[str]) -> dict[str, str] | None:  # noqa: ANN401
    """The prompt of each column: the configuration's, or the one the checkpoint would be asked with."""
    own = getattr(model, "prompts", {})
    query = own.get("query", "") if section.query_prompt is None else section.query_prompt
    page = own.get("document", "") if section.page_prompt is None else section.page_prompt
    chosen = {column: query if place == 0 else page for place, column in enumerate(columns)}
    return {column: prompt for column, prompt in chosen.items() if prompt} or None


def has_adapter(model: Any) -> bool:  # noqa: ANN401
    """Whether low-rank adapters were added."""
    transformer = getattr(model, "transformers_model", None)
    return transformer is not None and bool(getattr(transformer, "_hf_peft_config_loaded", False))


def save_served(model: Any, folder: Path, adapter: Path, beside: Mapping[str, str]) -> None:  # noqa: ANN401
    """Writes the model whole, an adapter merged into its weights, and the adapter next to it.

    `beside` are further files of it, by name.

    The folders appear with all of their content or not at all.
    """
    if has_adapter(model):
        _save_whole(model, adapter, {})
        merge_adapter(model)
    _save_whole(model, folder, beside)


def merge_adapter(model: Any) -> None:  # noqa: ANN401
    """Adds the low-rank products to the weights that they belong to, and takes the adapters out."""
    from peft.tuners.tuners_utils import BaseTunerLayer  # noqa: PLC0415 - only where there are adapters

    transformer = model.transformers_model
    for name, layer in [*transformer.named_modules()]:
        if isinstance(layer, BaseTunerLayer):
            layer.merge(safe_merge=True)
            parent, _, child = name.rpartition(".")
            setattr(transformer.get_submodule(parent), child, layer.get_base_layer())
    transformer._hf_peft_config_loaded = False
    if hasattr(transformer, "peft_config"):
        del transformer.peft_config


def learning_weights(model: torch.nn.Module) -> dict[str, torch.Tensor]:
    """Copies of the parameters that learn, by name."""
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}


@torch.no_grad()
def interpolate(model: torch.nn.Module, before: Mapping[str, torch.Tensor], share: float) -> None:
    """Moves parameters back to where they are after this share of the way from what they were `before`."""
    for name, parameter in model.named_parameters():
        if name in before:
            parameter.copy_(torch.lerp(before[name].to(parameter.device), parameter, share))


def trained_parameters(model: torch.nn.Module) -> tuple[int, int]:
    """How many parameters learn, and how many there are."""
    learning = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return learning, sum(p.numel() for p in model.parameters())


def _prepare_page_reader(model: SentenceTransformer, words: WordSuperposition, section: ModelSection) -> None:
    if section.add_projection:
        words.add_projection()
    if section.add_traits:
        words.add_traits()
    for module in _page_images(model):
        module.requires_grad_(False)  # it is taught by training.page_reader, from lines of text
        module.memory = {}


def _page_images(model: SentenceTransformer) -> Iterator[PageImage]:
    return (module for module in model.modules() if isinstance(module, PageImage))


def _add_lora(model: Any, base: str, section: LoraSection) -> None:  # noqa: ANN401
    targets = section.targets if isinstance(section.targets, str) else list(section.targets)
    config = LoraConfig(
        r=section.rank, lora_alpha=section.alpha, lora_dropout=section.dropout, target_modules=targets
    )
    if getattr(model, "transformers_model", None) is None:
        raise BadInput(f"{base} is not a transformer and cannot have adapters.", remedy="Remove model.lora.")
    try:
        model.add_adapter(config)
    except ValueError as error:
        raise BadInput(f"model.lora: {str(error).split('. ')[0]}.", remedy="Correct its targets.") from error


def _transformer(model: Any, base: str, key: str) -> Any:  # noqa: ANN401
    transformer = getattr(model, "transformers_model", None)
    if transformer is None:
        raise BadInput(f"{base} is not a transformer.", remedy=f"Remove {key}.")
    return transformer


def _save_whole(model: Any, folder: Path, beside: Mapping[str, str]) -> None:  # noqa: ANN401
    def fill(draft: Path) -> None:
        model.save(str(draft), create_model_card=False)
        for name, content in beside.items():
            (draft / name).write_text(content)

    try:
        shutil.rmtree(folder, ignore_errors=True)  # of this run, killed before it had a result
        make_folder_whole(folder, fill)
    except OSError as error:
        raise ModelError(f"Cannot write {folder}: {error.strerror}.") from error

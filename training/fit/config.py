"""The configuration of a training: a TOML file, with every key known and checked before any work."""

from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from pydantic import Field, model_validator

from training import config_file
from training.config_file import Section

Config = TypeVar("Config", bound="RunConfig")
_REMEDY = "docs/training.md lists every key."


class RunSection(Section):
    """Where the run is kept, and the seed of everything random in it."""

    folder: Path
    seed: int = 7
    tensorboard: bool = False


class LoraSection(Section):
    """Low-rank adapters (Hu et al., LoRA, ICLR 2022) in place of training every weight.

    `targets` are the names of linear layers, or all of them.
    """

    rank: int = Field(32, ge=1)
    alpha: int = Field(64, ge=1)
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: Literal["all-linear"] | tuple[str, ...] = "all-linear"


class ModelSection(Section):
    """What is trained: `base` is a checkpoint's folder or Hub name, `page-reader` or `text-encoder`.

    `max_pixels` bounds the images a vision-language model sees. `gradient_checkpointing` computes activations
    twice to hold fewer of them. `add_projection` gives the page reader a matrix to learn, `add_traits` lets
    it learn how much a word's looks tell. `interpolation` is how far the weights end on the straight way from
    the base's to the trained ones: below 1 less is forgotten (Wortsman et al., Robust fine-tuning of
    zero-shot models, CVPR 2022).
    """

    base: str = "page-reader"
    precision: Literal["float32", "bfloat16"] = "float32"
    lora: LoraSection | None = None
    gradient_checkpointing: bool = False
    max_pixels: int | None = Field(None, ge=28 * 28)
    add_projection: bool = False
    add_traits: bool = False
    interpolation: float = Field(1.0, gt=0, le=1)

    @model_validator(mode="after")
    def _weights_between_which_to_go(self) -> Self:
        if self.lora is not None and self.interpolation < 1:
            raise ValueError("interpolation is for weights that are trained themselves, not for lora")
        return self


class DataSection(Section):
    """The pairs, and how many hard negatives of each are used; prompts default to the checkpoint's own."""

    pairs: Path
    negatives: int = Field(4, ge=0)
    query_prompt: str | None = None
    page_prompt: str | None = None


class MatryoshkaSection(Section):
    """Dimensions that the loss is taken at (Kusupati et al., 2022), and how much each weighs."""

    dims: tuple[int, ...] = Field(min_length=1)
    weights: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _one_weight_a_dimension(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.dims):
            raise ValueError(f"{len(self.dims)} dims but {len(self.weights)} weights")
        return self


class EmbedderLossSection(Section):
    """What the embedder learns from.

    `ranking`: cached multiple negatives ranking. `distill-vectors`, `distill-scores`: vectors or scores of
    `teacher`, a stronger embedder or, for scores, a late-interaction model. `mini_batch_size` is what is in
    memory at once, and changes nothing else.
    """

    kind: Literal["ranking", "distill-vectors", "distill-scores"] = "ranking"
    scale: float = Field(20.0, gt=0)
    mini_batch_size: int = Field(8, ge=1)
    matryoshka: MatryoshkaSection | None = None
    teacher: str | None = None

    @model_validator(mode="after")
    def _a_teacher_to_learn_from(self) -> Self:
        if (self.kind != "ranking") != (self.teacher is not None):
            raise ValueError(
                "a teacher goes with the kinds distill-vectors and distill-scores, and only there"
            )
        return self


class RerankerLossSection(Section):
    """`binary`: each page right or wrong; `lambda`: LambdaRank over the list; `listwise`: ListNet."""

    kind: Literal["binary", "lambda", "listwise"] = "binary"
    mini_batch_size: int = Field(8, ge=1)


class LateInteractionLossSection(Section):
    """Cached multiple negatives ranking over MaxSim scores."""

    scale: float = Field(1.0, gt=0)
    mini_batch_size: int = Field(8, ge=1)


class OptimizerSection(Section):
    """AdamW with a linear or cosine schedule; `batch_size` is that of one device. `steps` outdo `epochs`."""

    batch_size: int = Field(32, ge=2)
    learning_rate: float = Field(2e-5, gt=0)
    epochs: float = Field(1.0, gt=0)
    steps: int | None = Field(None, ge=1)
    warm_up: float = Field(0.1, ge=0, lt=1)
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    weight_decay: float = Field(0.0, ge=0)
    max_gradient: float = Field(1.0, gt=0)


class EvaluationSection(Section):
    """Measured every so many steps at every dimension; training stops after `patience` without gain."""

    every_steps: int = Field(50, ge=1)
    patience: int | None = Field(None, ge=1)
    batch_size: int = Field(8, ge=1)


class RunConfig(Section):
    """Configuration of every kind of training."""

    run: RunSection
    model: ModelSection = ModelSection()
    data: DataSection
    optimizer: OptimizerSection = OptimizerSection()
    evaluation: EvaluationSection = EvaluationSection()


class EmbedderConfig(RunConfig):
    """`vdr train embedder`."""

    loss: EmbedderLossSection = EmbedderLossSection()


class SecondStageConfig(RunConfig):
    """A model that looks twice: the best `candidates` pages of `embedder` are reranked to evaluate it."""

    embedder: str = "page-reader"
    candidates: int = Field(100, ge=2)


class RerankerConfig(SecondStageConfig):
    """`vdr train reranker`."""

    loss: RerankerLossSection = RerankerLossSection()


class LateInteractionConfig(SecondStageConfig):
    """`vdr train late-interaction`."""

    loss: LateInteractionLossSection = LateInteractionLossSection()


def read_config(path: Path, kind: type[Config]) -> Config:
    """The configuration in a TOML file. Raises BadInput; see `training.config_file`."""
    return config_file.read_config(path, kind, _REMEDY)


def parse_config(told: dict[str, Any], kind: type[Config], name: str) -> Config:
    """The configuration in parsed TOML. Raises BadInput; see `training.config_file`."""
    return config_file.parse_config(told, kind, name, _REMEDY)

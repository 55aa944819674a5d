"""The configurations that come with the project can all be read."""

from pathlib import Path

import pytest

from training.fit.config import EmbedderConfig, LateInteractionConfig, RerankerConfig, read_config

CONFIGS = Path(__file__).parents[3] / "configs"
KINDS = {
    "page-reader.toml": EmbedderConfig,
    "page-reader-filings.toml": EmbedderConfig,
    "page-reader-filings-late-interaction.toml": LateInteractionConfig,
    "minilm-embedder.toml": EmbedderConfig,
    "minilm-questions.toml": EmbedderConfig,
    "text-encoder.toml": EmbedderConfig,
    "minilm-reranker.toml": RerankerConfig,
    "qwen3-vl-2b-embedder.toml": EmbedderConfig,
    "qwen3-vl-2b-reranker.toml": RerankerConfig,
    "late-interaction.toml": LateInteractionConfig,
}


@pytest.mark.parametrize("name", [file.name for file in CONFIGS.glob("*.toml")])
def test_every_configuration_says_only_what_is_known(name):
    config = read_config(CONFIGS / name, KINDS[name])  # type: ignore[arg-type]
    assert config.run.folder == Path("runs") / config.run.folder.name


def test_larger_models_learn_by_adapters_and_matryoshka():
    config = read_config(CONFIGS / "qwen3-vl-2b-embedder.toml", EmbedderConfig)
    assert config.model.lora is not None
    assert config.loss.matryoshka.dims[0] == 2_048

"""What a build takes from its TOML file: which sources, how much of each, and how they are read."""

from pathlib import Path

from pydantic import Field, field_validator

from training import config_file
from training.config_file import Section
from training.pairs.rules import RULES
from training.pairs.sources import SOURCES


class Columns(Section):
    """Which columns of a file or a data set of labelled questions hold what."""

    query: str = "query"
    document: str = "document"
    page_numbers: str = "page_numbers"
    image: str = "image"
    negatives: str = Field("negative_", description="Prefix of the columns with further page images.")


class LabelledConfig(Section):
    """Questions that people labelled: a .jsonl or .csv file about the PDFs, or a data set of page images."""

    path: str = Field(description="File, folder or Hub name.")
    split: str = Field("train", description="Split of the data set to read.")
    columns: Columns = Columns()


class PhrasesConfig(Section):
    """Queries taken from the PDFs themselves."""

    enabled: bool = True
    rules: tuple[str, ...] = tuple(RULES)
    per_page: int = Field(4, ge=1, description="Maximum number of queries per page.")
    per_document: int = Field(200, ge=1, description="Maximum number of queries per document.")
    second_best_share: float = Field(
        0.15, ge=0, le=1, description="Share of the queries whose page BM25 ranks second or third."
    )

    @field_validator("rules")
    @classmethod
    def _known(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        for rule in rules:
            if rule not in RULES:
                raise ValueError(f"unknown rule {rule}; use {', '.join(RULES)}")
        return rules


class EndpointConfig(Section):
    """An OpenAI-compatible chat endpoint with a vision model that writes questions from page images."""

    base_url: str
    model: str
    api_key_env: str | None = Field(None, description="Environment variable with the API key.")
    questions_per_page: int = Field(3, ge=1)
    max_requests: int = Field(100, ge=1, description="Maximum number of requests, retries included.")
    timeout_s: float = Field(60.0, gt=0)
    retries: int = Field(4, ge=0, description="Retries per failed request.")
    cache: Path = Path("~/.cache/vdr/pairs")


class RenderedConfig(Section):
    """Pages drawn from tables and paragraphs, with the questions about them; a JSON object a line."""

    path: Path
    pages: int | None = Field(None, ge=1, description="Use only the first N.")
    pages_per_document: int = Field(8, ge=2)


class PairsConfig(Section):
    """The configuration file of a build."""

    weights: dict[str, float] = Field(
        default_factory=dict,
        description="Shares of the train queries; a source without a weight is kept completely.",
    )
    labelled: tuple[LabelledConfig, ...] = ()
    phrases: PhrasesConfig = PhrasesConfig()
    endpoint: EndpointConfig | None = None
    rendered: RenderedConfig | None = None

    @field_validator("weights")
    @classmethod
    def _of_sources(cls, weights: dict[str, float]) -> dict[str, float]:
        for source, weight in weights.items():
            if source not in SOURCES:
                raise ValueError(f"unknown source {source}; use {', '.join(SOURCES)}")
            if weight < 0:
                raise ValueError(f"the weight of {source} is negative")
        return weights


def read_config(file: Path | None) -> PairsConfig:
    """The configuration in a TOML file, the default without one. Raises BadInput: `training.config_file`."""
    if file is None:
        return PairsConfig()
    return config_file.read_config(file, PairsConfig, "Correct the file and run the command again.")

"""What the model endpoints take and give: OpenAI's form of embeddings, Cohere's and Jina's of reranking."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_INPUTS, MAX_DOCUMENTS = 256, 1_000
_MAX_CHARACTERS, _MAX_DOCUMENT_CHARACTERS = 8_000, 100_000

Text = Annotated[str, StringConstraints(min_length=1, max_length=_MAX_CHARACTERS)]
DocumentText = Annotated[str, StringConstraints(max_length=_MAX_DOCUMENT_CHARACTERS)]
_MODEL = "The model that is loaded (`GET /version`), or left out: any other is refused."


class EmbeddingsBody(BaseModel):
    """Texts to embed."""

    model_config = ConfigDict(extra="forbid")

    input: Text | Annotated[list[Text], Field(min_length=1, max_length=MAX_INPUTS)] = Field(
        description=f"A text, or {MAX_INPUTS} at most. Each is embedded as a question is.",
        examples=["net sales by region"],
    )
    model: str | None = Field(None, description=_MODEL, examples=[None])
    dimensions: int | None = Field(
        None, ge=1, strict=True, description="Matryoshka dimensions to keep; all by default.", examples=[None]
    )
    encoding_format: Literal["float", "base64"] = Field(
        "float", description="Numbers, or little-endian 32-bit floats in Base64."
    )
    user: str | None = Field(None, description="Taken, and not used.", examples=[None])

    @property
    def texts(self) -> list[str]:
        """The texts, in order."""
        return [self.input] if isinstance(self.input, str) else self.input


class EmbeddingOut(BaseModel):
    """The embedding of a text, of length 1."""

    object: Literal["embedding"] = "embedding"
    index: int = Field(description="Of the text in `input`, from 0.", examples=[0])
    embedding: list[float] | str = Field(examples=[[0.6, 0.8]])


class Usage(BaseModel):
    """How much was asked for. Models count tokens otherwise: these are words."""

    prompt_tokens: int = Field(examples=[4])
    total_tokens: int = Field(examples=[4])

    @classmethod
    def of(cls, *texts: str) -> "Usage":
        """The words of texts."""
        words = sum(len(text.split()) for text in texts)
        return cls(prompt_tokens=words, total_tokens=words)


class Embeddings(BaseModel):
    """One embedding per text, in their order."""

    object: Literal["list"] = "list"
    data: list[EmbeddingOut]
    model: str = Field(examples=["page-reader"])
    usage: Usage


class TextDocument(BaseModel):
    """A document as an object."""

    model_config = ConfigDict(extra="ignore")  # other fields are the caller's own

    text: DocumentText = Field(examples=["Net sales rose in the north."])


class RerankBody(BaseModel):
    """Documents to rank by how well they answer a query."""

    model_config = ConfigDict(extra="forbid")

    query: Text = Field(examples=["net sales by region"])
    documents: list[DocumentText | TextDocument] = Field(
        min_length=1,
        max_length=MAX_DOCUMENTS,
        description=f"Texts, or objects with a `text`, {MAX_DOCUMENTS:,} at most.",
        examples=[["Net sales rose in the north.", "Whales eat krill."]],
    )
    top_n: int | None = Field(
        None, ge=1, strict=True, description="Return so many of the best; all by default.", examples=[None]
    )
    return_documents: bool = Field(False, strict=True, description="Return the texts as well.")
    model: str | None = Field(None, description=_MODEL, examples=[None])

    @property
    def texts(self) -> list[str]:
        """The texts, in order."""
        return [each if isinstance(each, str) else each.text for each in self.documents]


class RankedDocument(BaseModel):
    """A document and how well it answers."""

    index: int = Field(description="Of the document in `documents`, from 0.", examples=[0])
    relevance_score: float = Field(description="On the model's own scale; higher is better.", examples=[0.93])
    document: TextDocument | None = Field(
        None, description="Null unless `return_documents` was set.", examples=[None]
    )


class Ranked(BaseModel):
    """The documents, best first."""

    id: str = Field(description="Id of the request.", examples=["4f2c9a1e7b0d4c5f"])
    model: str = Field(examples=["models/text-ce"])
    results: list[RankedDocument]
    usage: Usage

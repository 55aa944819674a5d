"""What the collection endpoints take and give."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.addresses import Addresses
from vdr.search.kept import PlanShape, read_plan
from vdr.settings import COLLECTION_NAME, OcrLanguages, OcrMode
from vdr.types import Collection, CollectionSettings, Generation

_MAX_DESCRIPTION = 2_000
Description = Annotated[str, StringConstraints(max_length=_MAX_DESCRIPTION)]


class CollectionOptions(BaseModel):
    """Settings of a collection; null means the setting of the service."""

    model_config = ConfigDict(extra="forbid")

    embedder: str | None = Field(
        None,
        description="Checkpoint that builds its index: VDR_EMBEDDER or one of VDR_EMBEDDERS.",
        examples=[None],
    )
    dims: int | None = Field(None, ge=8, description="Matryoshka dimensions to keep.", examples=[None])
    ocr: OcrMode | None = Field(None, description="Which pages to OCR after indexing.", examples=[None])
    ocr_language: OcrLanguages | None = Field(
        None, description="Tesseract languages, such as eng or deu+fra.", examples=["deu"]
    )
    max_pages: int | None = Field(
        None, ge=1, description="Maximum number of pages per document.", examples=[None]
    )
    queue_limit: int | None = Field(
        None, ge=1, description="Refuse uploads once this many documents are unfinished.", examples=[None]
    )

    @classmethod
    def of(cls, settings: CollectionSettings) -> "CollectionOptions":
        """The settings as the API shows them."""
        return cls.model_validate(settings, from_attributes=True)

    def to_settings(self) -> CollectionSettings:
        """The settings as the catalogue keeps them."""
        return CollectionSettings(**self.model_dump())


class NewCollection(BaseModel):
    """A collection to create."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=COLLECTION_NAME)] = Field(
        description="1 to 63 lowercase letters, digits, - and _, starting with a letter or digit.",
        examples=["invoices"],
    )
    description: Description = Field("", examples=["Supplier invoices, 2019 to today"])
    settings: CollectionOptions = Field(default_factory=CollectionOptions)


class PlanOut(PlanShape):
    """The plan that default searches go by, as `vdr tune` has chosen it."""

    model_config = ConfigDict(extra="ignore")

    tuned_at: datetime = Field(examples=["2026-03-01T09:30:00Z"])
    questions: int = Field(description="Number of questions that it was chosen on.", examples=[155])

    @classmethod
    def of(cls, generation: Generation) -> "PlanOut | None":
        """The plan that a generation keeps; None without one that this version knows."""
        kept = read_plan(generation.plan)
        if kept is None:
            return None
        return cls(**dict(kept.shape), tuned_at=kept.tuned_at, questions=kept.questions)


class CollectionChange(BaseModel):
    """Changes to a collection; absent fields stay unchanged."""

    model_config = ConfigDict(extra="forbid")

    description: Description | None = Field(None, examples=["Supplier invoices"])
    settings: CollectionOptions | None = Field(
        None, description="Only the given settings are changed.", examples=[{"ocr": "missing"}]
    )
    plan: None = Field(
        None, description="If given as null, the plan that `vdr tune` has kept is dropped.", examples=[None]
    )


class GenerationOut(BaseModel):
    """The index that answers searches, and the model that built it; null until something is indexed."""

    name: str = Field(examples=["g1"])
    created_at: datetime = Field(examples=["2026-03-01T09:30:00Z"])
    embedder: str | None = Field(examples=["page-reader"])
    fingerprint: str | None = Field(description="Hash of the checkpoint and its settings.", examples=[None])
    dims: int | None = Field(description="Dimensions of the embedding.", examples=[1_024])
    coarse_dims: int | None = Field(description="Dimensions of the coarse embedding.", examples=[256])

    @classmethod
    def of(cls, generation: Generation) -> "GenerationOut":
        """The generation as the API shows it."""
        return cls.model_validate(generation, from_attributes=True)


class CollectionOut(BaseModel):
    """A collection."""

    name: str = Field(examples=["invoices"])
    description: str = Field(examples=["Supplier invoices, 2019 to today"])
    created_at: datetime = Field(examples=["2026-03-01T09:30:00Z"])
    documents: int = Field(description="Number of documents.", examples=[1_204])
    settings: CollectionOptions
    generation: GenerationOut
    plan: PlanOut | None = Field(description="What default searches go by; null: by the settings.")
    url: str = Field(examples=["/v1/collections/invoices"])

    @classmethod
    def of(
        cls, addresses: Addresses, collection: Collection, generation: Generation, documents: int
    ) -> "CollectionOut":
        """The collection as the API shows it."""
        return cls(
            name=collection.name,
            description=collection.description,
            created_at=collection.created_at,
            documents=documents,
            settings=CollectionOptions.of(collection.settings),
            generation=GenerationOut.of(generation),
            plan=PlanOut.of(generation),
            url=replace(addresses, collection=collection.name).api,
        )


class CollectionList(BaseModel):
    """Every collection, by name."""

    collections: list[CollectionOut]

"""What the endpoints of generations take and give."""

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from app.addresses import Addresses

if TYPE_CHECKING:  # a client of a service needs no database
    from indexer.generations import Standing


class GenerationState(StrEnum):
    """What becomes of a generation: `building` lacks documents, `ready` could serve, `earlier` has served."""

    SERVING = "serving"
    BUILDING = "building"
    READY = "ready"
    EARLIER = "earlier"


class NewGeneration(BaseModel):
    """A generation to create; null means the setting of the service."""

    model_config = ConfigDict(extra="forbid")

    embedder: str | None = Field(
        None,
        description="Checkpoint that builds it: VDR_EMBEDDER, one of VDR_EMBEDDERS, or a shipped one.",
        examples=[None],
    )
    dims: int | None = Field(None, ge=8, description="Matryoshka dimensions to keep.", examples=[256])


class GenerationDetails(BaseModel):
    """A generation of a collection, and how far it has come."""

    name: str = Field(examples=["g2"])
    state: GenerationState = Field(
        description="`serving` answers searches, `building` lacks documents that are searched now, `ready` "
        "lacks none, `earlier` served before.",
        examples=["ready"],
    )
    created_at: datetime = Field(examples=["2026-03-01T09:30:00Z"])
    served_at: datetime | None = Field(
        description="When it last began to serve; null if it never did, or has from the beginning.",
        examples=[None],
    )
    embedder: str | None = Field(
        description="The model that built it, or is to; null for that of the service.",
        examples=["page-reader"],
    )
    dims: int | None = Field(description="Dimensions of the embedding; null if not known.", examples=[256])
    documents: int = Field(description="Documents that are searched now.", examples=[1_204])
    indexed: int = Field(description="How many of them it has.", examples=[1_204])
    failed: int = Field(description="How many of them could not be indexed in it.", examples=[0])
    url: str = Field(examples=["/v1/collections/invoices/generations/g2"])

    @classmethod
    def of(cls, addresses: Addresses, standing: "Standing") -> "GenerationDetails":
        """The generation as the API shows it."""
        generation, progress = standing.generation, standing.progress
        wanted = generation.settings
        return cls(
            name=generation.name,
            state=_state_of(standing),
            created_at=datetime.fromisoformat(generation.created_at),
            served_at=None if generation.served_at is None else datetime.fromisoformat(generation.served_at),
            embedder=generation.embedder or (wanted.embedder if wanted else None),
            dims=generation.dims or (wanted.dims if wanted else None),
            documents=progress.documents,
            indexed=progress.indexed,
            failed=progress.failed,
            url=f"{addresses.api}/generations/{generation.name}",
        )


class GenerationList(BaseModel):
    """The generations of a collection, oldest first."""

    generations: list[GenerationDetails]


def _state_of(standing: "Standing") -> GenerationState:
    if standing.is_serving:
        return GenerationState.SERVING
    if standing.generation.served_at is not None:
        return GenerationState.EARLIER
    is_built = standing.generation.fingerprint is not None and standing.progress.is_complete
    return GenerationState.READY if is_built else GenerationState.BUILDING

"""What the health endpoints give."""

from typing import Literal

from pydantic import BaseModel, Field

from app.parts import PartName


class Alive(BaseModel):
    """The process is running."""

    status: Literal["alive"] = "alive"


class PartAway(BaseModel):
    """A part that cannot be reached."""

    part: PartName = Field(examples=["worker"])
    problem: str = Field(description="Why.", examples=["No worker is alive; what is uploaded waits."])


class Ready(BaseModel):
    """The service can answer searches."""

    status: Literal["ready"] = "ready"
    pages: int = Field(description="Pages in the index.", examples=[5_955])
    away: list[PartAway] = Field(
        default_factory=list, description="Parts that searches do without: the worker, if none is alive."
    )


class Version(BaseModel):
    """What is running."""

    version: str = Field(description="Version of vdr.", examples=["0.1.0"])
    embedder: str = Field(description="Checkpoint that computes the vectors.", examples=["page-reader"])
    fingerprint: str = Field(
        description="Hash of the checkpoint and its settings.", examples=["3f7a9c01b2d4"]
    )
    dims: int = Field(description="Dimensions of the embedding.", examples=[1_024])
    reranker: str | None = Field(
        description="Rerankers in their order, with the depths set (`VDR_RERANKER`), if any.",
        examples=[None, "late-interaction@50,models/text-ce@20"],
    )

"""/v1/collections/{collection}/generations."""

from typing import Annotated

from fastapi import APIRouter, Path, Response, status

from app.addresses import Addresses, AddressesOf, CollectionName
from app.api.generations.schemas import GenerationDetails, GenerationList, NewGeneration
from app.problems import documented
from app.state import Services, ServicesOf
from indexer import generations
from vdr.errors import (
    BadInput,
    CollectionNotFound,
    CrossSite,
    DatabaseUnavailable,
    EmbedderUnavailable,
    GenerationIncomplete,
    GenerationNotFound,
    GenerationServes,
    IndexLocked,
    IndexMismatch,
    IndexUnavailable,
    ModelError,
    ObjectsUnavailable,
    RequestTooLarge,
    StorageFull,
    WrongContentType,
)
from vdr.types import CollectionSettings

router = APIRouter(prefix="/collections/{collection}", tags=["generations"])

GenerationName = Annotated[
    str,
    Path(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="Name of the generation.", examples=["g2"]),
]
_READING = (BadInput, CollectionNotFound, DatabaseUnavailable, GenerationNotFound)
_CHANGING = (*_READING, CrossSite, RequestTooLarge)
_SWITCHING = (*_CHANGING, IndexLocked, IndexUnavailable, ObjectsUnavailable)


@router.get("/generations", name="list_generations", responses=documented(*_READING))
def list_generations(
    collection: CollectionName, services: ServicesOf, addresses: AddressesOf
) -> GenerationList:
    """List the generations of a collection, oldest first, and how far each has come."""
    found = generations.standings(services.opened, collection)
    return GenerationList(generations=[GenerationDetails.of(addresses, each) for each in found])


@router.post(
    "/generations",
    name="create_generation",
    status_code=status.HTTP_201_CREATED,
    responses=documented(*_CHANGING, WrongContentType),
)
def create_generation(
    collection: CollectionName,
    new: NewGeneration,
    response: Response,
    services: ServicesOf,
    addresses: AddressesOf,
) -> GenerationDetails:
    """Create a generation beside the one that serves, by another model or with other dimensions.

    Nothing is built yet, and searches are answered as before.
    """
    settings = CollectionSettings(embedder=new.embedder, dims=new.dims)
    created = generations.create(services.opened, collection, settings)
    shown = _shown(services, addresses, collection, created.name)
    response.headers["Location"] = shown.url
    return shown


@router.get("/generations/{generation}", name="get_generation", responses=documented(*_READING))
def get_generation(
    collection: CollectionName, generation: GenerationName, services: ServicesOf, addresses: AddressesOf
) -> GenerationDetails:
    """Get a generation, and how far it has come."""
    return _shown(services, addresses, collection, generation)


@router.post(
    "/generations/{generation}/build",
    name="build_generation",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(
        *_CHANGING, EmbedderUnavailable, GenerationServes, IndexMismatch, ModelError, StorageFull
    ),
)
def build_generation(
    collection: CollectionName, generation: GenerationName, services: ServicesOf, addresses: AddressesOf
) -> GenerationDetails:
    """Build a generation in the background, from the page images and words that are kept.

    Documents that are indexed meanwhile are built as well, until the collection is switched to it. Those that
    have failed in it are tried again; what it has already is left as it is.
    """
    generations.begin_building(services.opened, collection, generation)
    return _shown(services, addresses, collection, generation)


@router.post(
    "/generations/{generation}/switch",
    name="switch_generation",
    responses=documented(*_SWITCHING, GenerationIncomplete, GenerationServes),
)
def switch_generation(
    collection: CollectionName, generation: GenerationName, services: ServicesOf, addresses: AddressesOf
) -> GenerationDetails:
    """Have a generation answer the collection's searches from now on.

    Searches under way are answered by the one before, which is kept to go back to.
    """
    generations.switch(services.opened, collection, generation)
    return _shown(services, addresses, collection, generation)


@router.post("/rollback", name="roll_back", responses=documented(*_SWITCHING))
def roll_back(collection: CollectionName, services: ServicesOf, addresses: AddressesOf) -> GenerationDetails:
    """Have the generation that served before answer searches again, at once.

    Documents that were added since are indexed in it in the background.
    """
    found = generations.roll_back(services.opened, collection)
    return _shown(services, addresses, collection, found.serving)


@router.delete(
    "/generations/{generation}",
    name="drop_generation",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=documented(*_SWITCHING, GenerationServes),
)
def drop_generation(collection: CollectionName, generation: GenerationName, services: ServicesOf) -> None:
    """Remove a generation with its vectors, whether it was ever built or not. Documents stay."""
    generations.drop(services.opened, collection, generation)


def _shown(services: Services, addresses: Addresses, collection: str, generation: str) -> GenerationDetails:
    return GenerationDetails.of(addresses, generations.standing(services.opened, collection, generation))

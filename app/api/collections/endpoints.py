"""/v1/collections."""

from fastapi import APIRouter, Response, status

from app.addresses import Addresses, AddressesOf, CollectionName
from app.api.collections.schemas import (
    CollectionChange,
    CollectionList,
    CollectionOptions,
    CollectionOut,
    NewCollection,
)
from app.problems import documented
from app.state import Services, ServicesOf
from vdr.errors import (
    BadInput,
    CollectionExists,
    CollectionNotFound,
    CrossSite,
    DatabaseUnavailable,
    IndexMismatch,
    RequestTooLarge,
    WrongContentType,
)

router = APIRouter(prefix="/collections", tags=["collections"])

_READING = (BadInput, CollectionNotFound, DatabaseUnavailable)
_CHANGING = (*_READING, CrossSite, RequestTooLarge)


@router.post(
    "",
    name="create_collection",
    status_code=status.HTTP_201_CREATED,
    responses=documented(
        BadInput, CrossSite, CollectionExists, DatabaseUnavailable, RequestTooLarge, WrongContentType
    ),
)
def create_collection(
    new: NewCollection, response: Response, services: ServicesOf, addresses: AddressesOf
) -> CollectionOut:
    """Create a collection. Its documents, pages, searches and events are separate from all others."""
    settings = new.settings.to_settings()
    services.opened.check_settings(settings)
    services.opened.collections.create(new.name, new.description, settings)
    created = _out(services, addresses, new.name)
    response.headers["Location"] = created.url
    return created


@router.get("", name="list_collections", responses=documented(BadInput, DatabaseUnavailable))
def list_collections(services: ServicesOf, addresses: AddressesOf) -> CollectionList:
    """List collections, by name."""
    names = [each.name for each in services.opened.collections.list()]
    return CollectionList(collections=[_out(services, addresses, name) for name in names])


@router.get("/{collection}", name="get_collection", responses=documented(*_READING))
def get_collection(collection: CollectionName, services: ServicesOf, addresses: AddressesOf) -> CollectionOut:
    """Get a collection: its settings, the model that built its index, and the plan of its searches."""
    return _out(services, addresses, collection)


@router.patch(
    "/{collection}",
    name="change_collection",
    responses=documented(*_CHANGING, IndexMismatch, WrongContentType),
)
def change_collection(
    collection: CollectionName, change: CollectionChange, services: ServicesOf, addresses: AddressesOf
) -> CollectionOut:
    """Change the description or some settings; null resets a setting to that of the service.

    `"plan": null` has searches go by the settings again instead of by a plan.
    """
    settings = None
    if change.settings is not None:
        before = CollectionOptions.of(services.opened.collections.get(collection).settings)
        given = change.settings.model_dump(include=change.settings.model_fields_set)
        settings = before.model_copy(update=given).to_settings()
        services.opened.check_settings(settings, collection)
    changed = services.opened.collections.update(
        collection, description=change.description, settings=settings
    )
    if "plan" in change.model_fields_set:
        _, serving = services.opened.collections.opened(changed.name)
        services.opened.collections.note_plan(serving, None)
    return _out(services, addresses, collection)


@router.delete(
    "/{collection}",
    name="delete_collection",
    status_code=status.HTTP_202_ACCEPTED,
    responses=documented(*_CHANGING),
)
def delete_collection(collection: CollectionName, services: ServicesOf) -> None:
    """Delete a collection with everything that belongs to it.

    Nothing of it is found from then on. Its files, images, words and vectors are removed in the background,
    whatever happens to the service meanwhile.
    """
    services.opened.delete_collection(collection)


def _out(services: Services, addresses: Addresses, name: str) -> CollectionOut:
    collections = services.opened.collections
    return CollectionOut.of(addresses, *collections.opened(name), collections.count_documents(name))

"""The problems that endpoints of documents answer with in common."""

from vdr.errors import (
    BadInput,
    CollectionNotFound,
    CrossSite,
    DatabaseUnavailable,
    IndexUnavailable,
    NotFound,
    ObjectDamaged,
    ObjectsUnavailable,
)

READING = (BadInput, NotFound, CollectionNotFound, DatabaseUnavailable)
READING_OBJECTS = (*READING, ObjectDamaged, ObjectsUnavailable)
CHANGING = (*READING, CrossSite, IndexUnavailable, ObjectsUnavailable)

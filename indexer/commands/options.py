"""Options that several commands take."""

from typing import Annotated

import typer

from indexer.naming import check_collection_name


def _checked(name: str | None) -> str | None:
    return None if name is None else check_collection_name(name)


CollectionOption = Annotated[
    str | None,
    typer.Option("--collection", help="Collection to use. Default: VDR_COLLECTION.", callback=_checked),
]
AnyCollectionOption = Annotated[
    str | None,
    typer.Option("--collection", help="Collection to use. Default: all of them.", callback=_checked),
]

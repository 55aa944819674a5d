"""Alembic's entry: runs migrations on the connection that `vdr.catalogue.database` hands over."""

from alembic import context

from vdr.catalogue.tables import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    render_as_batch=True,
)
context.run_migrations()

"""Alembic's entry: runs migrations on the connection that `indexer.database` hands over."""

from alembic import context

from indexer.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()

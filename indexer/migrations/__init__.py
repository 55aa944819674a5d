"""Brings a database to the shape of `indexer.tables`, one revision after the other (Alembic)."""

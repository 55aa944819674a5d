"""Brings a database to the shape of `vdr.catalogue.tables`, one revision after the other (Alembic)."""

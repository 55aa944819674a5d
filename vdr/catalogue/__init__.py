"""The catalogue: which documents there are, how far each has come; tables, migrations, database.

Imports `vdr.types`, `vdr.errors`, `vdr.settings` and `vdr.filters` only; neither index nor models.
Begin with `documents.py`: reading and changing documents.
"""

"""The commands that index documents and keep a library consistent.

Imports the rest of `indexer`, and `vdr`; nothing imports it but other command lines.
Begin with `index.py`: `vdr index`.
"""

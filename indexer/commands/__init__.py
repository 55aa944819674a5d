"""The commands that bring documents in and keep a library sound.

Imports the rest of `indexer`, and `vdr`; nothing imports it but other command lines.
Begin with `index.py`: `vdr index`.
"""

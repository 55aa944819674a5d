"""Offline: makes models, and measures how well pages are found.

Imports `indexer` and `vdr`, never `app`; needs the extra `train`.
Begin with `cli.py`: `vdr evaluate`; each room beside it has a command too.
"""

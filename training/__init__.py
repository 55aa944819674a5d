"""Offline: makes models, and measures how well pages are found.

Imports `indexer` and `vdr`, never `app`; needs the extra `train`.
Begin with `cli.py`: `vdr evaluate`; the other rooms have commands too.
"""

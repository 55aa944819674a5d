"""Offline: makes models, and measures how well pages are found.

Imports `indexer` and `vdr`, never `app`; needs the extra `train`.
Begin with `cli.py`: `vdr evaluate`; the other rooms have commands too.
"""

import vdr  # noqa: F401 - turns telemetry off, before any module here imports a library that has some

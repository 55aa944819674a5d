"""The service (API and web UI) and the command line.

Imports `indexer` and `vdr`, never `training`.
Begin with `service.py`: the application, put together.
"""

import vdr  # noqa: F401 - turns telemetry off, before any module here imports a library that has some

"""Documents in: opened, rasterized, read, embedded, kept; by a command or by durable jobs.

Imports `vdr`; knows nothing of HTTP or training.
Begin with `library.py`: what brings catalogue, objects, index and models together.
"""

import vdr  # noqa: F401 - turns telemetry off, before any module here imports a library that has some

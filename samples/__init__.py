"""A corpus of sample PDFs with questions, drawn from code: invented companies, openly known facts.

Imports `training`, `indexer` and `vdr`, never `app`.
Begin with `corpus.py`: every document and question; `demo.py` asks them.
"""

import vdr  # noqa: F401 - turns telemetry off, before any module here imports a library that has some

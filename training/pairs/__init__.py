"""Makes training pairs (query, right page, wrong pages) out of a team's own PDFs.

Imports `indexer.pdf`, `vdr`, and what `training` shares.
Begin with `build.py`: from PDFs to a data set.
"""

"""PDFs, page images and words, by content hash, in a folder or a bucket.

Imports `vdr.types`, `vdr.errors` and `vdr.settings` only.
Begin with `store.py`: all that is kept, and under which names.
"""

"""OCR with Tesseract: a separate job that completes the words of indexed documents.

Imports the cage of `indexer.pdf`, what jobs share, and `vdr`.
Begin with `pages.py`: how page images are read; `complete.py` does so for a document.
"""

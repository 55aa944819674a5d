"""Words read by Tesseract, a job of its own that completes what is indexed already.

Imports the cage of `indexer.pdf`, what jobs share, and `vdr`.
Begin with `pages.py`: how page images are read; `job.py` does so durably.
"""

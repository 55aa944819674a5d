"""PDF files: what they are, their pages as images, their text layer; programs that open them run caged.

Imports `vdr.types`, `vdr.errors` and `vdr.settings` only, so that its processes start in an instant.
Begin with `prepare.py`: a run of pages, from the file to what an embedder takes.
"""

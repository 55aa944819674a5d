"""The text encoder: a small language model for the words of pages and questions, beside the page reader.

Imports `vdr.types`, `vdr.faults` and what runs nets; no torch and no Transformers, but for `modules.py`,
which lets Sentence Transformers load it, to be trained further.
Begin with `encoder.py`: texts as vectors.
"""

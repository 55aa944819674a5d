"""Models that turn pages and queries into vectors, and how their checkpoints are loaded and identified.

Imports `vdr.page_reader` and the vocabulary; neither index nor catalogue.
Begin with `embedder.py`: the Protocol, and how one is loaded.
"""

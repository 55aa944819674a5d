"""The page reader: a small model that finds the lines of a page image and writes them down.

Imports `vdr.types` and how words are cut; nothing that stores or serves.
Begin with `modules.py`: its three modules, as Sentence Transformers loads them.
"""

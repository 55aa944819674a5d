"""Speed, quality and scale: each a command of its own, with one JSON line at the end.

Imports every room, and `tests.fixtures`: the tests' documents, servers and quick models are what it measures
with, and both exist in a checkout only, never in an installed package.
Begin with `indexing.py`: one of the plainest.
"""

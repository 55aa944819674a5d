"""The web UI: HTML from the same parts that the API uses.

Imports what `app` shares, the schemas of the API, `indexer` and `vdr`.
Begin with `endpoints.py`: its pages, and the fragments that htmx asks for.
"""

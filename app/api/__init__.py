"""The HTTP API, one folder a feature: `endpoints.py` and `schemas.py` in each.

Imports what `app` shares, and `vdr.types`; nothing of the web UI.
Begin with `search/endpoints.py`: the shortest way from a request to its answer.
"""

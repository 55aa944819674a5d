"""How commands talk to a running service, over HTTP and in the models of its API.

Imports `app.api`'s models, `app.presence`, `indexer` and `vdr`; nothing here loads a model or opens an index.
Begin with `finding.py`: which service there is.
"""

"""Search: a SearchRequest becomes a plan, the plan becomes candidates, candidates become hits.

Imports `vdr.index`, `vdr.models` and `vdr.objects`, none of which knows it.
Begin with `searcher.py`: what API, web UI, command line, demo and evaluation call. `stages.py` has every
stage as a value, `plan.py` chooses them, `execute.py` runs them on an index, the objects and a cross-encoder.
"""

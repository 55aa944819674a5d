"""Search: a SearchRequest becomes a plan, the plan becomes candidates, candidates become hits.

searcher.py is what API, web UI, command line, demo and evaluation call: begin reading there. plan.py has
every stage as a value, execute.py runs them on an index, the objects and a cross-encoder. It may import
vdr.index, vdr.models and vdr.objects, none of which knows it.
"""

"""The command line: `main.py` gathers the commands of every room; search and serve are this room's own.

Imports the service, `indexer` and `vdr`; `main.py` and `lazy.py` import as little as they can.
Begin with `main.py`: how a command is found, and how it ends.
"""

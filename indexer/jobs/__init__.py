"""Durable jobs: the queue, the worker that runs it, heartbeats, webhooks.

Imports the library of `indexer`, and `vdr`.
Begin with `worker.py`: how jobs run, and how those of dead workers are taken over.
"""

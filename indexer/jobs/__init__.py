"""Durable jobs: the queue, the worker that runs it, heartbeats, webhooks.

Imports the library of `indexer`, and `vdr`.
Begin with `worker.py`: what runs, and what is taken over from the dead.
"""

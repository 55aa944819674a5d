"""Metrics for Prometheus: what a worker does, what the catalogue and the disk hold, and a port to ask at.

Imports the jobs of `indexer`, and `vdr`.
Begin with `work.py`: what a worker counts. docs/operations.md lists all metrics.
"""

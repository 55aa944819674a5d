"""Durable jobs: the queue, the worker that runs it, heartbeats, webhooks."""

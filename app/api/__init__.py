"""The HTTP API, one folder a feature."""

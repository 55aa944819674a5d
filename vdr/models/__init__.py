"""Models that turn pages and queries into vectors, and how their checkpoints are opened and told apart."""

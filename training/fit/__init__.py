"""Fine-tunes embedders, rerankers and late-interaction models on pairs of queries and pages."""

"""What the indexer, the service and the trainer share: types, models, the index and the objects."""

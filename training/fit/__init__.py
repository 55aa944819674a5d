"""Fine-tunes embedders, rerankers and late-interaction models on pairs of queries and pages.

Imports the data sets of `training.pairs`, the measures of `training.evaluate`, what `training.text_encoder`
measures text encoders by, and `vdr`.
Begin with `embedder.py`: a training from its configuration to its measure.
"""

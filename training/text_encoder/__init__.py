"""Makes the shipped text encoder from a checkpoint for texts, and measures it.

Imports the data sets of `training.pairs`, the measures of `training.evaluate`, and `vdr`.
Begin with `package.py`: from a checkpoint to a text encoder.
"""

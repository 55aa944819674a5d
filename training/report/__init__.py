"""Shows what came of a training, on one sheet of HTML.

Imports the files that `training.fit` and `training.evaluate` write, and `vdr`.
Begin with `write.py`: how a report is put together.
"""

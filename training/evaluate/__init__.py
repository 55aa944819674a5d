"""How well pages are found: questions with known answers, every way of searching, figures with intervals.

Imports `indexer` and `vdr`; none of the trainers.
Begin with `run.py`: a whole evaluation, step by step.
"""

"""Which plan a collection's searches should go by: what each costs, and what it finds.

Imports `indexer`, `vdr` and of `training` the confidence and the evaluation.
Begin with `tuning.py`: every plan asked every question, and the one that is recommended.
"""

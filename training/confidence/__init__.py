"""How sure searches are: signs of questions with known answers, and what they are worth.

Imports `indexer`, `vdr` and of `training` the evaluation and the pairs.
Begin with `observe.py`: what a search shows of a question whose answers are known.
"""

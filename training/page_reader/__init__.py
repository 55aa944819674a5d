"""Makes the page reader: prepare pages, train the nets, package a checkpoint, measure how it reads.

Imports `vdr.page_reader`, the data sets of `training.pairs`, and `vdr`.
Begin with `train.py`: the training itself; the Makefile has the order of all steps.
"""

"""Which regions of a page answer a query, and which of its words: one module for each way that models tell.

Asked for one page at a time, and at the cost of making its vectors anew: no search comes here.
Begin with `answers.py`, which makes regions of similarities.
"""

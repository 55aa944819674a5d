"""One kit that draws pages: for the sample PDFs, for labelled questions, and to train the page reader on.

Imports Pillow, reportlab and NumPy, and nothing else of the house.
Begin with `surface.py`: what a designed page is drawn on.

There are two things to draw on, because they promise different things. A `Surface` takes points and styles:
`typesetting` and `table_typesetting` lay out a designed page on it, as PDF ink or as pixels of any
resolution, and it keeps what was written. A `Canvas` takes pixels and keeps where each word stands: boxes are
exact, so nothing is smoothed by drawing it larger, and a label that would touch other text is not drawn. Its
layouts are drawn by chance and stay with the page reader, as charts and landscapes stay with the samples.
"""

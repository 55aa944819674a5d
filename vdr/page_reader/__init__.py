"""The page reader: a small model that finds the lines of a page image and writes them down."""

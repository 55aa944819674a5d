"""Makes the page reader: prepare pages, train the nets, package a checkpoint, measure how it reads."""

"""Documents: upload, list, look at, delete; their page images, words and files."""

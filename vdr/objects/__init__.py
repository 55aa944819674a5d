"""PDFs and page images, by content hash, in an object store."""

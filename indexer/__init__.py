"""PDFs in: rasterize, read the text layer, embed, upsert; and the durable job around it."""

"""Makes training pairs (query, right page, wrong pages) out of a team's own PDFs."""

"""A corpus of sample PDFs with questions, drawn from code: invented companies, openly known facts."""

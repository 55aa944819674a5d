"""PDF files: what they are, their pages as images, their text layer; programs that open them run caged."""

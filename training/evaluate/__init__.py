"""How well pages are found: questions with known answers, every way of searching, figures with intervals."""

"""Shows what came of a training, on one sheet of HTML."""

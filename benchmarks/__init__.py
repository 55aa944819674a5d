"""Speed, quality and scale: each a command of its own, with one JSON line at the end."""

"""Search, by words and by image."""

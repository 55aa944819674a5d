"""Collections: create, list, look at, change, delete."""

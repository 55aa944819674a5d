"""The commands that bring documents in and keep a library sound."""

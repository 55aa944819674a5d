"""The command line: `main` gathers the commands of every room; `search` and `serve` are this room's own."""

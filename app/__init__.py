"""The service, the page for people and the command line."""

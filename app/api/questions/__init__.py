"""Labelled questions: listed, imported, exported and deleted."""

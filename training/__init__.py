"""Offline: makes models, and measures how well pages are found."""

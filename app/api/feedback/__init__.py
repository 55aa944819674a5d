"""Feedback on searches: given, undone, summed up, exported and deleted."""

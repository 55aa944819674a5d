"""Generations of a collection: create, build, switch to, switch back, drop."""

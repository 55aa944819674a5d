"""Is it alive, is it ready, and which version is it?"""

"""Leaves: one noun a module, importing nothing else of the backend."""

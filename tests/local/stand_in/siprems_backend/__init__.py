"""Stands in for the backend, so that the launcher is tested by itself."""

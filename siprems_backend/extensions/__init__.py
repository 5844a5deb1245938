"""Connections to the outside, unbound until the application or the worker binds them to its settings."""

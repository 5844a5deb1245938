"""Stores: files on the shared volume."""

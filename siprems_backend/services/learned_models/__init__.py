"""Learned demand models: asked for over HTTP, trained by workers, kept as files and versions."""

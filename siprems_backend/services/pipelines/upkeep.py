"""Removing what nobody needs any more."""

from __future__ import annotations

from siprems_backend.services.pipelines import cache_folder, model_keeping


def clean_up() -> int:
    """Forget old results of nodes, and files of models that no row speaks of; how many of both."""
    return cache_folder.clean_up() + model_keeping.forget_orphans()

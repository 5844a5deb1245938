"""Celery tasks: bodies of a few lines around one service call each."""

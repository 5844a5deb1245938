"""How many tasks that do nothing go through the ledger, and through Celery alone."""

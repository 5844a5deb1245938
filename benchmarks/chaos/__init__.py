"""What is lost and what is done twice while everything is killed: SIPREMS and plain Celery, side by side."""

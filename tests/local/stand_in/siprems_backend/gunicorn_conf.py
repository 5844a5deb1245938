"""Serves the stand-in where the launcher says."""

import os

bind = f"{os.environ['HOST']}:{os.environ['PORT']}"
worker_class = "gthread"

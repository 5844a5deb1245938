"""A worker that has nothing to do."""

import os

from celery import Celery

app = Celery("stand_in", broker=os.environ["CELERY_BROKER_URL"])

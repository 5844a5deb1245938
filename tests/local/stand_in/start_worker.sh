#!/usr/bin/env bash
# Stands in for the worker and for Beat, who stays until it is asked to end.
if [ "$1" = worker ]; then
    exec celery -A siprems_backend.celery_app worker --pool solo
fi
exec python -c 'import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); signal.pause()'

#!/usr/bin/env bash
# Stands in for the worker and Beat: stays until it is asked to end.
exec python -c 'import signal; signal.signal(signal.SIGTERM, lambda *_: exit(0)); signal.pause()'

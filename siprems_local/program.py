"""Run as ``python -m siprems_local.program NAME``: become one of the backend's processes.

Bound to supervisord, so that it does not outlive it.
"""

import os
import signal
import sys

from siprems_local import child
from siprems_local.home import CHECKOUT

COMMANDS = {
    "web": [
        sys.executable,
        "-m",
        "gunicorn",
        "-c",
        "python:siprems_backend.gunicorn_conf",
        "siprems_backend.wsgi:app",
    ],
    "worker": [str(CHECKOUT / "start_worker.sh"), "worker"],
    "beat": [str(CHECKOUT / "start_worker.sh"), "beat"],
}


def main() -> None:
    """Become the process named in the arguments."""
    parent = os.getppid()
    os.chdir(CHECKOUT)
    child.main(parent, signal.SIGTERM, "-", COMMANDS[sys.argv[1]])


if __name__ == "__main__":
    main()

"""Free TCP ports on the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"
# Below the range the kernel takes outgoing ports from: a server that is restarted finds its port again.
_LOWEST, _HIGHEST = 20000, 32000


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` of the loopback interface now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of an earlier server that are still winding down do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):
            return False
    return True


def choose(kept: int | None = None, *, taken: frozenset[int] = frozenset()) -> int:
    """``kept`` if it is still free, otherwise a free port that is not among ``taken``."""
    if kept is not None and kept not in taken and is_free(kept):
        return kept
    candidates = random.sample(range(_LOWEST, _HIGHEST), _HIGHEST - _LOWEST)  # No secret.  # nosec B311
    return next(port for port in candidates if port not in taken and is_free(port))


def next_free(port: int) -> int:
    """The first free port after ``port``."""
    return next(candidate for candidate in range(port + 1, 65536) if is_free(candidate))

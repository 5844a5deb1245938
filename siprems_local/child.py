"""Run as ``python -I -S child.py PARENT SIGNAL UID:GID PROGRAM ARGS...``: tie a program to its parent.

A script of its own, because the kernel forgets "signal me when my parent dies" when a process
changes its user: the user has to change first, in the child, and then the program is executed.
It imports the standard library only, so that it works from a folder the new user cannot read.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, death_signal: int, account: str, command: list[str]) -> None:
    """Become ``command``, as ``account`` ("uid:gid", or "-" to stay), bound to ``parent``."""
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    # The parent may have died before the request was made: nobody would signal us any more.
    if os.getppid() != parent:
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - there is nothing for a shell to do.  # nosec B606


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])

"""How the C library keeps memory that was freed."""

from __future__ import annotations

import ctypes

# The parameters' numbers in glibc's <malloc.h>.
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
LARGE_BLOCK_BYTES = 1024 * 1024
# Threads of one interpreter take turns anyway.
ARENAS = 2


def give_back_large_blocks() -> None:
    """Have every freed block of a megabyte and more given back to the system at once.

    Otherwise glibc raises its threshold to the largest block it has seen freed and keeps such blocks from
    then on, one for each thread: a few sign-ins, whose digest takes 19 MB each, would leave a process of many
    threads 60 MB larger for ever. Does nothing where the C library is another one.
    """
    _set(M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


def share_arenas() -> None:
    """Have all threads take smaller blocks from the same few arenas, instead of each keeping its own."""
    _set(M_ARENA_MAX, ARENAS)


def _set(parameter: int, value: int) -> None:
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(parameter, value)

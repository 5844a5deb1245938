"""Timers of a worker's event loop that were cancelled before they rang.

Celery starts a timer of the soft time limit with every task and cancels it when the task ends. kombu leaves
a cancelled entry in its heap until it would have rung: half a kilobyte for each task of the last 25 minutes.
"""

from __future__ import annotations

import heapq
from typing import Any


def forget_cancelled(timer: Any) -> int:
    """Take the cancelled entries out of a `kombu.asynchronous.timer.Timer`; how many there were.

    To be called in the thread of the event loop, which alone touches the heap. The list stays the same one,
    because the loop holds it. A timer that keeps its entries otherwise, as that of a pool of threads, is left
    alone.
    """
    heap = getattr(timer, "_queue", None)
    if not isinstance(heap, list):
        return 0
    living = [event for event in heap if not event.entry.canceled]
    forgotten = len(heap) - len(living)
    if forgotten:
        heapq.heapify(living)
        heap[:] = living
    return forgotten

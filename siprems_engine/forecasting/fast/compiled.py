"""The one decorator of all compiled kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])

# Sums may be reordered so that loops use vector instructions. NaN and infinity keep their meaning, because
# the solver notices by them that a trial point left the range of float64.
_FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
# A division by zero gives infinity, as in numpy, instead of a check in every loop that divides.
_OPTIONS = {"cache": True, "nogil": True, "fastmath": _FASTMATH, "error_model": "numpy"}


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel on its first call, keep the machine code on disk, and free the interpreter's lock."""
    # To the type checker a kernel stays the function it was written as.
    return cast(Kernel, numba.njit(**_OPTIONS)(function))

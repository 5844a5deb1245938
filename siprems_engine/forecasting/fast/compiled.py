"""The one decorator of all compiled kernels, and where their machine code is kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., object])

# Sums may be reordered so that loops use vector instructions. NaN and infinity keep their meaning, because
# the solver notices by them that a trial point left the range of float64.
_FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
# A division by zero gives infinity, as in numpy, instead of a check in every loop that divides.
_OPTIONS = {"cache": True, "nogil": True, "fastmath": _FASTMATH, "error_model": "numpy"}
_FOLDER = Path(__file__).parent


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel on its first call, keep the machine code on disk, and free the interpreter's lock."""
    # To the type checker a kernel stays the function it was written as.
    return cast(Kernel, numba.njit(**_OPTIONS)(function))


def cache_folder() -> Path:
    """Return the folder of the machine code: one for each state of the sources of this package.

    Numba looks at the file of a kernel alone, but its machine code has the kernels of other files in it:
    after a change of one of those it would run the old code. `NUMBA_CACHE_DIR` moves the folder as ever.
    """
    digest = hashlib.sha256()
    for path in sorted(_FOLDER.glob("*.py")):
        digest.update(path.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or str(_FOLDER / "__pycache__")
    return Path(base) / f"kernels-{digest.hexdigest()[:16]}"


numba.config.CACHE_DIR = str(cache_folder())

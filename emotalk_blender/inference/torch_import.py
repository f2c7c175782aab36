# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch imported beside a window that goes on being drawn: Python's lock is never held for long meanwhile."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_LARGE_LIBRARIES = ("libtorch_cpu.so", "libtorch_cpu.dylib")
"""What takes longest to be loaded of PyTorch; on Windows PyTorch itself loads its libraries without Python's lock."""


def import_torch() -> None:
    """Import PyTorch, from any thread. Raises ImportError where it is missing or broken."""
    if "torch" in sys.modules:
        return
    _load_large_libraries()
    import torch  # noqa: F401


def _load_large_libraries() -> None:
    """Load them by a foreign call, which lets go of Python's lock; an import holds it for that half second."""
    package = importlib.util.find_spec("torch")
    if package is None or os.name == "nt":
        return
    load = ctypes.CDLL(None).dlopen
    load.argtypes, load.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    for place in package.submodule_search_locations or ():
        for name in _LARGE_LIBRARIES:
            library = Path(place) / "lib" / name
            if library.exists():
                load(os.fsencode(library), os.RTLD_NOW)  # One that fails so fails again in the import, which says why.

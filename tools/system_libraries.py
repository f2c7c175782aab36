# SPDX-License-Identifier: GPL-3.0-or-later
"""The system libraries that Blender's Python module needs on Linux: which are missing, and how to get them."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Library: the package of Debian and its descendants that has it."""


def missing_libraries(module: Path) -> list[str]:
    """Names of the shared libraries without which the module at this path can't be loaded or can't draw.

    module: Blender's compiled Python module, .../bpy/__init__.so. Empty on systems other than Linux.
    """
    if sys.platform != "linux":
        return []
    listing = subprocess.run(["ldd", str(module)], capture_output=True, text=True, check=True).stdout
    missing = {line.split()[0] for line in listing.splitlines() if line.endswith("not found")}
    if not _can_be_loaded("libEGL.so.1"):  # Blender opens this one by name, when it first draws
        missing.add("libEGL.so.1")
    return sorted(missing)


def require_libraries(module: Path) -> None:
    """Make sure that the module's system libraries are there: installs them with apt where root may.

    Raises SystemExit with the command to run, or with the names of the libraries, where that can't be done.
    """
    missing = missing_libraries(module)
    if not missing:
        return
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    if packages:
        install_packages(packages, f"Blender needs {', '.join(missing)}")
        missing = missing_libraries(module)
    if missing:
        raise SystemExit(f"Install the packages of your system that have {', '.join(missing)}, then run this again.")


def install_packages(packages: list[str], reason: str) -> None:
    """Install Debian packages with apt-get.

    reason: why they are wanted, the first half of a sentence. Raises SystemExit with what to do where there is no
    apt-get, the user isn't root, or the installation fails.
    """
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise SystemExit(f"{reason}: install your system's equivalent of {' '.join(packages)}, then run this again.")
    if os.geteuid() != 0:
        raise SystemExit(f"{reason}. Run this command, then the same one again:\n    sudo {' '.join(command)}")
    print(f"{reason}: installing {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for step in (["apt-get", "update"], command):  # an update that fails in part may still do
        done = subprocess.run(step, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(f"{reason}, but '{' '.join(command)}' failed:\n{done.stderr.strip()}")


def _can_be_loaded(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True

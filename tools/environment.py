# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's own Python environment, .venv: made once, with pinned packages, and left alone while the pins stay."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

from tools.system_libraries import install_packages, require_libraries

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
BLENDER_5 = VENV / "blender-5.0"
"""A second bpy, put first in PYTHONPATH to run something in Blender 5.0."""

REQUIREMENTS = ROOT / "tools/requirements.txt"
REQUIREMENTS_5 = ROOT / "tools/requirements-blender-5.0.txt"

# By version and without a hash: the builds of one version (small ones for the CPU, others for each CUDA) have
# different hashes, and which of them pip meets is for the machine's own pip settings to say.
TORCH = "torch==2.13.0"


def make_environment() -> None:
    """Make or complete .venv with everything that the demo and the tests need.

    Quick when nothing has changed since the last time. Raises SystemExit with what to do where it can't be made.
    """
    if not PYTHON.exists():
        _progress("Making .venv")
        if importlib.util.find_spec("ensurepip") is None:
            install_packages(["python3-venv"], "Python's venv module is not complete")
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    if stale("packages", REQUIREMENTS, TORCH):
        _progress("Installing the pinned packages (Blender 4.5 as a Python module, transformers, ...)")
        _pip("install", "--require-hashes", "-r", str(REQUIREMENTS))
        _progress(f"Installing PyTorch ({TORCH})")
        _pip("install", TORCH)
        remember("packages", REQUIREMENTS, TORCH)
    require_libraries(bpy_module("**/site-packages/bpy/__init__.*"))


def make_blender_5() -> None:
    """Put the bpy module of Blender 5.0 beside that of 4.5, in BLENDER_5."""
    if stale("blender-5.0", REQUIREMENTS_5):
        _progress("Installing Blender 5.0 as a Python module")
        place = ["--target", str(BLENDER_5), "--upgrade"]
        _pip("install", "--no-deps", "--require-hashes", "-r", str(REQUIREMENTS_5), *place)
        remember("blender-5.0", REQUIREMENTS_5)
    require_libraries(bpy_module("blender-5.0/bpy/__init__.*"))


def bpy_module(pattern: str) -> Path:
    """The compiled bpy module that this glob pattern finds in .venv; raises SystemExit where there is none."""
    found = sorted(VENV.glob(pattern))
    if not found:
        raise SystemExit("Blender's Python module is missing from .venv: delete .venv and run this again.")
    return found[0]


def _pip(*arguments: str) -> None:
    quiet = [] if sys.stdout.isatty() else ["-qq"]
    done = subprocess.run([PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments, *quiet])
    if done.returncode:
        raise SystemExit("The packages could not be installed: pip's own message above says why.")


def _stamp(name: str) -> Path:
    return VENV / f"{name}.stamp"


def _fingerprint(requirements: Path, *more: str) -> str:
    return hashlib.sha256(requirements.read_bytes() + " ".join(more).encode()).hexdigest()


def stale(name: str, requirements: Path, *more: str) -> bool:
    """Whether something in .venv was last completed for other pins than these, or never."""
    stamp = _stamp(name)
    return not stamp.exists() or stamp.read_text() != _fingerprint(requirements, *more)


def remember(name: str, requirements: Path, *more: str) -> None:
    """Note in .venv that something is now complete for these pins."""
    _stamp(name).write_text(_fingerprint(requirements, *more))


def _progress(text: str) -> None:
    print(f"== {text}", flush=True)

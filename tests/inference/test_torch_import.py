# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch is imported so that a window beside it goes on being drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(code: str) -> str:
    """What this code prints in a Python of its own, where nothing is imported yet."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells from Linux's own list what is loaded")
def test_the_large_libraries_are_there_before_the_import_which_holds_pythons_lock() -> None:
    code = """
import builtins, sys
from pathlib import Path
from emotalk_blender.inference.torch_import import import_torch
found, real = [], builtins.__import__
def watched(name, *rest):
    if name == "torch" and not found:
        found.append("libtorch_cpu" in Path("/proc/self/maps").read_text())
    return real(name, *rest)
builtins.__import__ = watched
import_torch()
sys.stdout.write(f"{found} {'torch' in sys.modules}")
"""
    assert run(code) == "[True] True"

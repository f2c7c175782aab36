# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip for Linux with all its wheels, installed into a Blender that has NumPy and no PyTorch, and removed."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.wheels import fetch
from tools.wheels.lean_site import make_lean_site
from tools.wheels.lock import read_pins
from tools.wheels.targets import ZIP_KINDS
from tools.zip.platform_zip import build_platform_zip
from tools.zip.prove_install import DEVELOPERS_OWN, SAMPLE, SESSION, files_left

WHEELS = [fetch.find_wheel(pin, "linux-x64", "3.11") for pin in read_pins("linux-x64", "3.11")]

pytestmark = [
    pytest.mark.skipif(platform.system() != "Linux" or platform.machine() != "x86_64", reason="for Linux on x86-64"),
    pytest.mark.skipif(not all(WHEELS), reason="python3 build.py wheels --platform linux-x64 fetches them"),
]

OF_BLENDER = ("bpy", "numpy", "cython", "zstandard", "requests", "certifi", "charset-normalizer", "idna", "urllib3")
"""Blender's Python module and what it asks for."""


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("user")


@pytest.fixture(scope="module")
def seen(user: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What use_extension.py found at each step."""
    folder = tmp_path_factory.mktemp("lean")
    make_lean_site(folder, OF_BLENDER)
    paths = [os.environ.get("PYTHONPATH", ""), str(folder)]  # the former names another Blender, if anything
    environment = {name: value for name, value in os.environ.items() if name not in DEVELOPERS_OWN}
    out = user.with_name("seen.json")
    done = subprocess.run(
        [sys.executable, "-S", str(SESSION), str(build_platform_zip(ZIP_KINDS["linux-x64"])), str(SAMPLE), str(out)],
        cwd=folder,
        env=environment | {"BLENDER_USER_RESOURCES": str(user), "PYTHONPATH": os.pathsep.join(filter(None, paths))},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_the_face_speaks_with_the_pytorch_that_came_along(seen: dict[str, Any], user: Path) -> None:
    assert seen["torch"].startswith(str(user))
    jaw = seen["curves"]["jawOpen"]
    assert max(jaw) - min(jaw) > 0.1


def test_enabling_does_not_load_pytorch(seen: dict[str, Any]) -> None:
    assert not seen["torch loaded by enabling"]


def test_uninstalling_takes_the_wheels_away_too(seen: dict[str, Any], user: Path) -> None:
    assert not seen["installed after uninstalling"]
    assert files_left(user) == []

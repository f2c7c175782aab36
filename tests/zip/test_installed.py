# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip, installed into a Blender with no settings, used there and removed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SAMPLE = ROOT / "tests/data/spoken_sample.flac"


@pytest.fixture(scope="module")
def seen(built_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What use_extension.py found at each step, in a process of its own."""
    folder = tmp_path_factory.mktemp("blender")
    out = folder / "seen.json"
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("use_extension.py")), str(built_zip), str(SAMPLE), str(out)],
        cwd=folder,
        env=os.environ | {"BLENDER_USER_RESOURCES": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def test_installing_enables_and_registers_it(seen: dict[str, Any]) -> None:
    assert seen["enabled"]
    assert seen["registered"] == ["operator", "panel", "scene"]


def test_enabling_does_not_load_pytorch(seen: dict[str, Any]) -> None:
    assert not seen["torch loaded by enabling"]


def test_the_face_speaks_with_the_weights_in_the_zip(seen: dict[str, Any]) -> None:
    curves = seen["curves"]
    assert len(curves) == 52
    assert max(curves["jawOpen"]) - min(curves["jawOpen"]) > 0.1
    assert all(0 <= value <= 1 for values in curves.values() for value in values)


def test_disabling_takes_everything_back(seen: dict[str, Any]) -> None:
    assert seen["registered after disabling"] == []


def test_uninstalling_leaves_nothing_behind(seen: dict[str, Any]) -> None:
    assert not seen["enabled after uninstalling"]
    assert not seen["installed after uninstalling"]

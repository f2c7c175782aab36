# SPDX-License-Identifier: GPL-3.0-or-later
"""What the sessions in Blender's own window share: the installed extension, the user's hands, and what must hold.

Such a session takes one argument after --: the folder for its screenshots.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from tools.window import save_picture

SAMPLE = Path(__file__).resolve().parents[1] / "data/spoken_sample.flac"
OUT = Path(sys.argv[-1])
FAILED = OUT / "failed.png"
NAME = "bl_ext.user_default.emotalk_blender"


def addon(name: str) -> ModuleType:
    """A module of the installed extension."""
    return importlib.import_module(f"{NAME}.{name}")


def user(*words: object) -> Iterator[None]:
    """What the user does, in the words of xdotool, at the user's pace."""
    done = subprocess.Popen(["xdotool", *map(str, words)])
    while done.poll() is None:
        yield
    yield


def picture(name: str) -> None:
    """A screenshot of the whole screen."""
    save_picture(OUT / f"{name}.png")


def check(what: str, is_true: bool) -> None:
    """Print what was seen. Raises AssertionError, which ends the session, where it is not true."""
    sys.stdout.write(f"{'ok  ' if is_true else 'FAIL'} {what}\n")
    sys.stdout.flush()
    assert is_true, what

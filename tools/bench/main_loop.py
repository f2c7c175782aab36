# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Blender's main loop stands still while EmoTalk generates, in the window of a real Blender.

Needs a Blender with a screen whose Python has PyTorch: EMOTALK_BLENDER says how to start it. In there
main_loop_session.py runs, with settings that are thrown away afterwards.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from emotalk_blender.curves import FloatArray
from tools.bench.row import Row
from tools.bench.speech import speech_of
from tools.environment import ROOT

SECONDS = 20
SCRIPT = Path(__file__).with_name("main_loop_session.py")

SMALL = ("--window-geometry", "0", "0", "800", "600")
"""A small window: where there is no graphics card the processor draws it, and that alone takes long."""


def rows() -> Iterator[Row]:
    """One row: from the click until a second after the keys, for the first Generate and one of another mood."""
    command = os.environ.get("EMOTALK_BLENDER")
    if not command:
        sys.stderr.write("Left out: set EMOTALK_BLENDER to a command that opens Blender in a window.\n")
        return
    (ROOT / "out").mkdir(exist_ok=True)  # not elsewhere: a Blender in a container may see nothing but the checkout
    with tempfile.TemporaryDirectory(dir=ROOT / "out", prefix="main-loop-") as folder:
        gaps = measured(command, Path(folder))
    working = np.concatenate([gaps["first"], gaps["second"]])
    largest, usual = working.max(), np.percentile(working, 99)
    alone = gaps["redraws"]
    yield Row(
        what=f"gaps of Blender's main loop while generating, {SECONDS} s strip, in the window",
        against="",
        reach="99 of 100 under 50 ms, none over 200 ms",
        measured=f"99 of 100 under {usual:.0f} ms, largest {largest:.0f} ms",
        reached=bool(usual < 50 and largest < 200),
        note=f"first Generate up to {gaps['first'].max():.0f} ms, second up to {gaps['second'].max():.0f} ms; "
        f"Blender alone, drawing the same: 99 of 100 under {np.percentile(alone, 99):.0f} ms, "
        f"largest {alone.max():.0f} ms; window of 800x600, viewport anti-aliasing off, Live off",
    )


def measured(command: str, folder: Path) -> dict[str, FloatArray]:
    """Milliseconds between two turns of the main loop: of Blender's redraws alone, and of the two Generates.

    Raises RuntimeError with Blender's own words where the session broke.
    """
    sound, out = speech_of(SECONDS, folder / "speech.wav"), folder / "gaps.json"
    (folder / "user").mkdir()
    done = subprocess.run(
        [*shlex.split(command), "--factory-startup", *SMALL, "--python", SCRIPT, "--", sound, out],
        cwd=ROOT,
        env=os.environ | {"BLENDER_USER_RESOURCES": str(folder / "user")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    if not out.exists():
        raise RuntimeError(f"The session in Blender broke:\n{done.stdout}")
    return {name: np.array(gaps) for name, gaps in json.loads(out.read_text()).items()}

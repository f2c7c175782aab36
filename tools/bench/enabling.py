# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Blender waits for EmoTalk when it is enabled, as at every start of Blender."""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator

from tools.bench.row import Row
from tools.environment import ROOT

ROUNDS = 7
REACH = 30.0
HEAVY = ("torch", "transformers")

ONCE = f"""
import sys, time
import bpy, numpy
start = time.perf_counter()
import emotalk_blender
emotalk_blender.register()
sys.stdout.write(f"\\n{{(time.perf_counter() - start) * 1000}}")
for name in {HEAVY}:
    if name in sys.modules:
        sys.stdout.write(f" {{name}}")
emotalk_blender.unregister()
"""


def rows() -> Iterator[Row]:
    """One row: import and registration, in a new Blender each time."""
    once()  # Python writes its compiled files at the first time after an installation
    times, imported = zip(*(once() for _ in range(ROUNDS)), strict=True)
    median, heavy = statistics.median(times), sorted(set().union(*imported))
    yield Row(
        what="enabling the add-on",
        against="",
        reach=f"under {REACH:.0f} ms, {' and '.join(HEAVY)} not imported",
        measured=f"{median:.0f} ms, {' and '.join(heavy) or 'neither'} imported",
        reached=median < REACH and not heavy,
        note=f"median of {ROUNDS}, largest {max(times):.0f} ms",
    )


def once() -> tuple[float, list[str]]:
    """Milliseconds, and which of the heavy packages were imported."""
    done = subprocess.run([sys.executable, "-c", ONCE], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    time, *heavy = done.stdout.splitlines()[-1].split()
    return float(time), heavy

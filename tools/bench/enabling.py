# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Blender waits for EmoTalk when it is enabled, as at every start of Blender, and for its first panel."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.bench.compiled import environment
from tools.bench.row import Row
from tools.environment import ROOT

ROUNDS = 7
REACH = 30.0
HEAVY = ("torch", "transformers", "numpy")

ONCE = f"""
import gc, json, sys, time
import bpy
import logging, tempfile  # a real Blender has imported these by then

def since(start):
    return (time.perf_counter() - start) * 1000

numpy = sys.modules.pop("numpy")  # and NumPy not; the bpy module has
gc.collect()  # what importing bpy has left to be collected would be counted here, or not, as it happens

start, started = time.perf_counter(), time.thread_time()
import emotalk_blender
emotalk_blender.register()
enabled, computed = since(start), (time.thread_time() - started) * 1000
imported = [name for name in {HEAVY} if name in sys.modules]

sys.modules["numpy"] = numpy
start = time.perf_counter()
from emotalk_blender.blender.bake import bake_status
from emotalk_blender.blender.face import targets
from emotalk_blender.blender.generate import readiness
from emotalk_blender.blender.sequencer import strips
targets.find_targets(bpy.context.selected_objects)
readiness.disabled_reason(bpy.context)
bake_status.edited_keys(bpy.context)
sys.stdout.write("\\n" + json.dumps([enabled, computed, since(start), imported]))
emotalk_blender.unregister()
"""


def rows() -> Iterator[Row]:
    """One row: import and registration, in a new Blender each time."""
    with TemporaryDirectory() as folder:
        once(Path(folder))  # Python writes its compiled files at the first time after an installation
        rounds = [once(Path(folder)) for _ in range(ROUNDS)]
    enabled, computed, panel, imported = zip(*rounds, strict=True)
    median, heavy = statistics.median(enabled), sorted(set().union(*imported))
    yield Row(
        what="enabling the add-on",
        against="",
        reach=f"under {REACH:.0f} ms, torch and transformers not imported",
        measured=f"{median:.0f} ms, {' and '.join(heavy) or 'neither'} imported",
        reached=median < REACH and not heavy,
        note=f"median of {ROUNDS} new Blenders that find compiled files, largest {max(enabled):.0f} ms, smallest "
        f"{min(enabled):.0f} ms; {statistics.median(computed):.0f} ms of the processor's time; NumPy is not imported "
        f"either; what the first panel needs then takes {statistics.median(panel):.0f} ms, and NumPy if nobody has "
        "imported it",
    )


def once(compiled: Path) -> tuple[float, float, float, list[str]]:
    """Milliseconds until it is enabled, of these computed, then for the panel, and which heavy packages it imported.

    compiled: folder of Python's compiled files.
    """
    done = subprocess.run(
        [sys.executable, "-c", ONCE],
        cwd=ROOT,
        env=environment(compiled),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    enabled, computed, panel, imported = json.loads(done.stdout.splitlines()[-1])
    return enabled, computed, panel, imported

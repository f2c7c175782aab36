# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Live takes from a slider to the keys: python -m tools.measure_live [SOUND] [--seconds 20].

Runs in Blender as a Python module, on the whole EmoTalk face (ten meshes) and on its head alone, with the default
weights. Prints medians over several changes of the intensity, and the parts of one change.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import bpy

import emotalk_blender
from emotalk_blender.blender import take, worker
from emotalk_blender.blender.bake_status import bakes_to_follow
from emotalk_blender.blender.open_audio import add_sound_strip
from tools.environment import ROOT

SAMPLE = ROOT / "tests/data/spoken_sample.flac"
CHANGES = 15


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sound", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--seconds", type=float, default=20.0, help="how much of it the strip plays; it is repeated")
    options = parser.parse_args()
    emotalk_blender.register()
    try:
        for heading, whole_face in (("whole face", True), ("head alone", False)):
            measure(heading, long_enough(options.sound, options.seconds), options.seconds, whole_face)
    finally:
        emotalk_blender.unregister()


def long_enough(sound: Path, seconds: float) -> Path:
    """The sound repeated until it is so long, as a new file below out/."""
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(sound)
    mono = samples if samples.ndim == 1 else samples.mean(axis=1)
    out = ROOT / "out" / "measure_live.wav"
    out.parent.mkdir(exist_ok=True)
    soundfile.write(out, np.resize(mono, round(seconds * rate)), rate)
    return out


def measure(heading: str, sound: Path, seconds: float, whole_face: bool) -> None:
    """One face: generate, then change the intensity again and again."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.emotalk.add_face()
    scene = bpy.context.scene
    if not whole_face:
        for thing in bpy.context.selected_objects:
            thing.select_set(thing == bpy.context.view_layer.objects.active)
    strip = add_sound_strip(scene, sound, 1)
    scene.emotalk.strip, scene.emotalk.emotion = strip.name, "angry"
    bpy.ops.emotalk.generate()
    intensities = (0.5 + step / 30 for step in range(CHANGES))
    changes = [timed(partial(setattr, scene.emotalk, "intensity", intensity)) for intensity in intensities]
    targets = [bake.target for bake in bakes_to_follow(bpy.context)]
    made = take.take_of(bpy.context, strip.name, targets)
    curves = worker.perform_now(made.work)
    assert curves is not None
    parts = {
        "find the bakes": lambda: bakes_to_follow(bpy.context),
        "read settings": lambda: take.take_of(bpy.context, strip.name, targets),
        "perform": lambda: worker.perform_now(made.work),
        "bake": lambda: take.deliver(made, curves),
    }
    print(f"{heading}: {len(targets)} targets, {seconds:g} s at {scene.render.fps} fps")
    print(f"  slider to keys  median {statistics.median(changes):6.1f} ms   largest {max(changes):6.1f} ms")
    for name, part in parts.items():
        print(f"    {name:16} {statistics.median(timed(part) for _ in range(5)):6.1f} ms")


def timed(run: Callable[[], object]) -> float:
    """Milliseconds that it takes."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()

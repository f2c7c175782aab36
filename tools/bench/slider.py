# SPDX-License-Identifier: GPL-3.0-or-later
"""How long Live takes from a slider to the keys, on the whole EmoTalk face and on its head alone."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import bpy

from emotalk_blender.blender.bake.bake_status import bakes_to_follow
from emotalk_blender.blender.generate import request
from emotalk_blender.inference.kept_network import shared_network
from tools.bench.in_blender import OUT, extension, face_and_strip, milliseconds
from tools.bench.row import Row
from tools.bench.speech import speech_of

SECONDS = 20
CHANGES = 15
REACH = 100.0


def rows() -> Iterator[Row]:
    """One row: the whole face, and in its note the head alone and the parts of a change."""
    sound = speech_of(SECONDS, OUT / "slider.wav")
    with extension():
        whole, parts = measured(sound, whole_face=True)
        head, _ = measured(sound, whole_face=False)
    median = statistics.median(whole)
    yield Row(
        what=f"slider to keys, {SECONDS} s strip, all meshes of the EmoTalk face",
        against="",
        reach=f"under {REACH:.0f} ms",
        measured=f"{median:.0f} ms",
        reached=median < REACH,
        note=f"median of {CHANGES} changes of the intensity, largest {max(whole):.0f} ms: "
        + ", ".join(f"{name} {part:.0f}" for name, part in parts.items())
        + f"; head alone {statistics.median(head):.0f} ms",
    )


def measured(sound: Path, whole_face: bool) -> tuple[list[float], dict[str, float]]:
    """Milliseconds of each change of the intensity after a Generate, and the medians of its parts."""
    scene = face_and_strip(sound, whole_face)
    scene.emotalk.emotion = "angry"
    bpy.ops.emotalk.generate()
    intensities = (0.5 + step / 30 for step in range(CHANGES))
    changes = [milliseconds(partial(setattr, scene.emotalk, "intensity", intensity)) for intensity in intensities]
    found = bakes_to_follow(bpy.context)
    if found is None:
        raise RuntimeError("nothing was baked")
    made = request.request_for(bpy.context, found.strip, found.onto)
    curves = shared_network().perform_now(made.work)
    if curves is None:
        raise RuntimeError("Live had nothing to go on with")
    parts = {
        "find the bakes": lambda: bakes_to_follow(bpy.context),
        "read the settings": lambda: request.request_for(bpy.context, found.strip, found.onto),
        "perform": lambda: shared_network().perform_now(made.work),
        "find again and bake": lambda: request.deliver(made, curves),
    }
    return changes, {name: statistics.median(milliseconds(part) for _ in range(5)) for name, part in parts.items()}

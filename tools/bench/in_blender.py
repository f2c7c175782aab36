# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes and times for benchmarks that run in Blender as a Python module."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

import emotalk_blender
from emotalk_blender.blender.sequencer.add_strip import add_sound_strip

OUT = Path(__file__).resolve().parents[2] / "out/bench"
"""Where benchmarks write what they need."""


@contextmanager
def extension() -> Iterator[None]:
    """EmoTalk enabled; what is left registered at exit would hang Blender 4.5."""
    emotalk_blender.register()
    try:
        yield
    finally:
        emotalk_blender.unregister()


def face_and_strip(sound: Path, whole_face: bool = True) -> bpy.types.Scene:
    """A new scene with the EmoTalk face, or its head alone, selected, and the sound as the chosen strip."""
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.emotalk.add_face()
    scene = bpy.context.scene
    if not whole_face:
        for part in bpy.context.selected_objects:
            part.select_set(part == bpy.context.view_layer.objects.active)
    scene.emotalk.strip = add_sound_strip(scene, sound, 1).name
    return scene


def milliseconds(run: Callable[[], object]) -> float:
    """How many milliseconds a call of `run` takes."""
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1000

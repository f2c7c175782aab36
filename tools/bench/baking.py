# SPDX-License-Identifier: GPL-3.0-or-later
"""The bake against keyframe_insert: a key on every frame for 52 shape keys, 9000 frames, 5 minutes at 30 fps."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import bpy
import numpy as np

from emotalk_blender.blender.bake.bake import bake
from emotalk_blender.blender.bake.bake_options import BakeOptions
from emotalk_blender.blender.bake.bake_record import Origin
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.blender.bake.find_previous_bake import find_bake_targets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.blender.sequencer.stretch import AudibleStretch
from emotalk_blender.curves import ARKIT_NAMES, Curves, FloatArray
from tools.bench.in_blender import milliseconds
from tools.bench.row import Row

FRAMES, FPS = 9000, 30
INSERTED = 1000
"""Frames on which keyframe_insert is measured, and half of them: on all of them it takes minutes."""

ROUNDS = 5
REACH = 800


def rows() -> Iterator[Row]:
    """One row: how many times faster."""
    values = np.random.default_rng(0).uniform(0, 1, (FRAMES, len(ARKIT_NAMES))).astype(np.float32)
    baked = statistics.median(bake_all(values) for _ in range(ROUNDS))
    half, inserted = insert(values[: INSERTED // 2]), insert(values[:INSERTED])
    # It moves the keys that are there already, and so takes a * frames + b * frames².
    b = max(inserted - 2 * half, 0) / (INSERTED**2 / 2)
    a = inserted / INSERTED - b * INSERTED
    whole = a * FRAMES + b * FRAMES**2
    times = whole / baked
    yield Row(
        what=f"bake {len(ARKIT_NAMES)} curves x {FRAMES} keys",
        against="keyframe_insert",
        reach=f"{REACH}x",
        measured=f"{times:.0f}x",
        reached=times >= REACH,
        note=f"{baked:.0f} ms, median of {ROUNDS}; keyframe_insert took {half / 1000:.1f} s for "
        f"{INSERTED // 2} frames, {inserted / 1000:.1f} s for {INSERTED}: {whole / 1000:.0f} s for all, by the square",
    )


def bake_all(values: FloatArray) -> float:
    """Milliseconds of a bake onto a new face, with all that it remembers of it."""
    curves = Curves(values, float(FPS))
    stretch = AudibleStretch(start=1 / FPS, duration=len(values) / FPS, file_start=0.0, fps=FPS)
    strip = BakedStrip(Origin("Speech"), stretch)
    onto = find_bake_targets(find_targets([make_face()]), strip)
    return milliseconds(lambda: bake(curves, strip, onto, BakeOptions(tolerance=0)))


def insert(values: FloatArray) -> float:
    """Milliseconds of keyframe_insert for these weights on the first frames."""
    blocks = make_face().data.shape_keys.key_blocks[1:]

    def run() -> None:
        for frame, row in enumerate(values.tolist(), start=1):
            for block, value in zip(blocks, row, strict=True):
                block.value = value
                block.keyframe_insert("value", frame=frame)

    return milliseconds(run)


def make_face() -> bpy.types.Object:
    """A triangle with the 52 shape keys of ARKit, in an empty scene."""
    bpy.ops.wm.read_homefile(use_empty=True)
    mesh = bpy.data.meshes.new("Face")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    face = bpy.data.objects.new("Face", mesh)
    bpy.context.scene.collection.objects.link(face)
    for name in ("Basis", *ARKIT_NAMES):
        face.shape_key_add(name=name)
    return face

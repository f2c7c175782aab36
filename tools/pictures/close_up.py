# SPDX-License-Identifier: GPL-3.0-or-later
"""Labelled stills of a face and of its mouth, rendered quickly for the eye to check them."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Vector

from tools.pictures.contact_sheet import Pixels, render_still

MOUTH_KEY = "mouthClose"
"""The shape key that moves the lips alone, and so shows where the mouth is."""

MOUTH_LENS = 3.0
"""How many times the lens of the portrait shows the mouth close up."""

HIDDEN_STAMPS = ("date", "time", "render_time", "frame", "scene", "camera", "filename", "memory", "hostname")


def render_quickly(scene: bpy.types.Scene) -> None:
    """Leave out the subdivision of the meshes, which takes nine tenths of the time of a picture, and finer edges.

    The price: ragged hair, and small dark specks in the corners of a pursed mouth, which are not in the face itself.
    """
    scene.render.use_simplify = True
    scene.render.simplify_subdivision_render = 0
    scene.display.render_aa = "FXAA"


def add_mouth_camera(scene: bpy.types.Scene, face: bpy.types.Object) -> bpy.types.Object:
    """A camera beside the scene's own that sees only the mouth of a face with ARKit's shape keys."""
    blocks = face.data.shape_keys.key_blocks
    rest = np.array([point.co for point in blocks[0].data])
    moved = np.linalg.norm(np.array([point.co for point in blocks[MOUTH_KEY].data]) - rest, axis=1)
    mouth = face.matrix_world @ Vector((rest * moved[:, None]).sum(axis=0) / moved.sum())
    camera = scene.camera.copy()
    camera.data = scene.camera.data.copy()
    camera.data.lens *= MOUTH_LENS
    camera.rotation_euler = (mouth - camera.location).to_track_quat("-Z", "Y").to_euler()
    scene.collection.objects.link(camera)
    return camera


def labelled_still(scene: bpy.types.Scene, frame: int, label: str) -> Pixels:
    """Render one frame with a line of text at its top: float32 [height, width, 4], the lowest row first."""
    render = scene.render
    for stamp in HIDDEN_STAMPS:
        setattr(render, f"use_stamp_{stamp}", False)
    render.use_stamp = render.use_stamp_note = True
    render.use_stamp_labels = False
    render.stamp_note_text = label
    render.stamp_font_size = max(11, render.resolution_y // 12)
    render.stamp_foreground = (0.0, 0.0, 0.0, 1.0)
    render.stamp_background = (1.0, 1.0, 1.0, 0.5)
    try:
        return render_still(scene, frame)
    finally:
        render.use_stamp = False

# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/panel.png: Blender's own window after a Generate.

Run it in a Blender that has EmoTalk, on an X screen of its own and with ImageMagick, which takes the picture:
xvfb-run -s "-screen 0 1600x900x24" blender --gpu-backend opengl --python docs/make_screenshot.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.window import (
    add_face_and_sound,
    area_of,
    look_at_face,
    mouse_over,
    save_picture,
    show_panel,
    take_steps,
    window,
)

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
PICTURE = ROOT / "docs/panel.png"
PAUSE = 1.0
"""Seconds between two steps, so that Blender draws what has changed."""

MOMENT = 3.0
"""Seconds into the sample at which the picture is taken."""


def steps() -> Iterator[None]:
    """What an artist does, a step at a time."""
    add_face_and_sound(SAMPLE)
    scene, view = window().scene, area_of("VIEW_3D")
    scene.emotalk.emotion = "happy"
    scene.frame_end = 190
    yield
    show_panel(view)
    look_at_face(view)
    view.spaces.active.overlay.show_outline_selected = False
    view.spaces.active.shading.studio_light = "paint.sl"
    view.spaces.active.shading.color_type = "MATERIAL"
    with mouse_over(view):
        bpy.ops.emotalk.generate("INVOKE_DEFAULT")
    head = bpy.context.view_layer.objects.active
    while head.data.shape_keys.animation_data is None:
        yield
    scene.frame_set(1 + round(MOMENT * scene.render.fps))
    yield
    save_picture(PICTURE)
    with bpy.context.temp_override(window=window()):
        bpy.ops.wm.quit_blender()


take_steps(steps(), PAUSE)

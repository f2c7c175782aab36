# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/panel.png: Blender's own window after a Generate.

Run it in a Blender that has EmoTalk, on an X screen of its own and with ImageMagick, which takes the picture:
xvfb-run -s "-screen 0 1600x900x24" blender --gpu-backend opengl --python docs/make_screenshot.py
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import bpy

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
PICTURE = ROOT / "docs/panel.png"
PAUSE = 1.0
"""Seconds between two steps, so that Blender draws what has changed."""

MOMENT = 3.0
"""Seconds into the sample at which the picture is taken."""


def steps() -> Iterator[None]:
    """What an artist does, a step at a time."""
    window = bpy.context.window_manager.windows[0]
    view = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in view.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=view, region=region):
        for old in list(bpy.data.objects):
            bpy.data.objects.remove(old)
        bpy.ops.emotalk.add_face()
        bpy.ops.emotalk.open_audio(filepath=str(SAMPLE))
        window.scene.emotalk.emotion = "happy"
        window.scene.frame_end = 190
        view.spaces.active.show_region_ui = True
    yield
    with bpy.context.temp_override(window=window, area=view, region=region):
        sidebar = next(region for region in view.regions if region.type == "UI")
        sidebar.active_panel_category = "EmoTalk"
        look_at_face(view)
        bpy.ops.emotalk.generate("INVOKE_DEFAULT")
    head = bpy.context.view_layer.objects.active
    while head.data.shape_keys.animation_data is None:
        yield
    window.scene.frame_set(1 + round(MOMENT * window.scene.render.fps))
    yield
    with bpy.context.temp_override(window=window):
        subprocess.run(["import", "-window", "root", PICTURE], check=True)
        bpy.ops.wm.quit_blender()


def look_at_face(view: bpy.types.Area) -> None:
    """Turn a 3D View to the front of what is selected."""
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_selected()
    view.spaces.active.overlay.show_outline_selected = False
    view.spaces.active.shading.studio_light = "paint.sl"
    view.spaces.active.shading.color_type = "MATERIAL"


def start() -> None:
    """Take the steps from a timer, for the window is not there yet while this script runs."""
    bpy.context.preferences.view.show_splash = False
    progress = steps()

    def next_step() -> float | None:
        return PAUSE if next(progress, "done") is None else None

    bpy.app.timers.register(next_step, first_interval=PAUSE)


start()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside Blender's window by main_loop.py: generate twice, and write how long each turn of the main loop took.

Arguments after --: SOUND OUT. OUT becomes JSON: milliseconds of every turn, by what Blender was doing.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import emotalk_blender
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.redraw import redraw_sidebars

SOUND, OUT = sys.argv[-2:]
STEP = 0.1
"""Seconds between two steps of the session."""


class Watch:
    """Milliseconds between calls of a timer that is due at every turn of the main loop."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.last: float | None = None

    def look(self) -> float:
        """Called by Blender's timer."""
        now = time.perf_counter()
        if self.last is not None:
            self.gaps.append((now - self.last) * 1000)
        self.last = now
        return 0.0

    def taken(self) -> list[float]:
        """The times seen since the last call."""
        gaps, self.gaps = self.gaps, []
        return gaps


watch = Watch()


def window() -> bpy.types.Window:
    """The only window."""
    return bpy.context.window_manager.windows[0]


def stage() -> Iterator[None]:
    """Show the EmoTalk face from the front, the sound in a strip, and the panel."""
    view = next(area for area in window().screen.areas if area.type == "VIEW_3D")
    regions = {region.type: region for region in view.regions}
    with bpy.context.temp_override(window=window(), area=view, region=regions["WINDOW"]):
        for old in list(bpy.data.objects):
            bpy.data.objects.remove(old)
        bpy.ops.emotalk.add_face()
        bpy.ops.emotalk.open_audio(filepath=SOUND)
        view.spaces.active.show_region_ui = True
    yield
    regions["UI"].active_panel_category = "EmoTalk"
    with bpy.context.temp_override(window=window(), area=view, region=regions["WINDOW"]):
        bpy.ops.view3d.view_axis(type="FRONT")
        bpy.ops.view3d.view_selected()
    yield from pause(2)


def pause(seconds: float) -> Iterator[None]:
    """Let Blender go on for so many seconds."""
    for _ in range(round(seconds / STEP)):
        yield


def redraws() -> Iterator[None]:
    """Let Blender draw what it draws during a Generate, and nothing else: the panel, and the face on another frame."""
    for _ in range(8):
        redraw_sidebars()
        yield from pause(jobs.PROGRESS)
    window().scene.frame_set(60)
    yield from pause(1)


def generate(emotion: str) -> Iterator[None]:
    """Generate this emotion, and wait until a second after the keys are there."""
    window().scene.emotalk.emotion = emotion
    yield from pause(1)
    watch.taken()
    with bpy.context.temp_override(window=window()):
        bpy.ops.emotalk.generate()
    while jobs.state.job is not None:
        yield
    if jobs.state.failed:
        raise RuntimeError(jobs.state.message)
    yield from pause(1)


def steps() -> Iterator[None]:
    """All steps of the session."""
    yield from stage()
    bpy.app.timers.register(watch.look)
    window().scene.emotalk.live = False  # or it would have baked already when the emotion is set
    gaps = {}
    for name, emotion in (("first", "happy"), ("second", "angry")):
        yield from generate(emotion)
        gaps[name] = watch.taken()
    yield from redraws()
    gaps["redraws"] = watch.taken()
    Path(OUT).write_text(json.dumps(gaps))
    os._exit(0)


def start() -> None:
    """Take the steps from a timer, for the window is not there yet while this script runs."""
    bpy.context.preferences.view.show_splash = False
    # Else every change of the face is drawn eight times over, each time as slowly where there is no graphics card.
    bpy.context.preferences.system.viewport_aa = "OFF"
    emotalk_blender.register()
    progress = steps()

    def next_step() -> float:
        try:
            next(progress)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        return STEP

    bpy.app.timers.register(next_step, first_interval=1.0)


start()

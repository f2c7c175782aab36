# SPDX-License-Identifier: GPL-3.0-or-later
"""Run inside Blender's window by main_loop.py: generate twice, and write how long each turn of the main loop took.

Arguments after --: SOUND OUT. OUT becomes JSON: milliseconds of every turn, by what Blender was doing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import emotalk_blender
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.redraw import redraw_sidebars
from tools.window import add_face_and_sound, area_of, look_at_face, show_panel, take_steps, window

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


def stage() -> Iterator[None]:
    """The EmoTalk face from the front, the sound in a strip, and the panel."""
    add_face_and_sound(Path(SOUND))
    yield
    show_panel(area_of("VIEW_3D"))
    look_at_face(area_of("VIEW_3D"))
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


# Else every change of the face is drawn eight times over, each time as slowly where there is no graphics card.
bpy.context.preferences.system.viewport_aa = "OFF"
emotalk_blender.register()
take_steps(steps(), STEP)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate beside the interface without a window: work that takes as long as a test wants, ticks by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import bpy
import pytest

from emotalk_blender.blender.bake.baked_strip import baked_strip
from emotalk_blender.blender.bake.find_previous_bake import find_bake_targets
from emotalk_blender.blender.face.targets import find_targets
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.generate.choices import Choices
from emotalk_blender.blender.generate.request import GenerateRequest, prepare
from emotalk_blender.curves import Curves
from emotalk_blender.inference.kept_network import KeptNetwork
from emotalk_blender.inference.progress import Report

from ..curve_builders import random_curves


class SlowWork:
    """A performance that goes on until it is let go, and hears of being cancelled ten times a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.reported = threading.Event()
        monkeypatch.setattr(KeptNetwork, "generate", lambda _, work, report: self.generate(work, report))

    def generate(self, work: object, report: Report) -> Curves:
        try:
            while not self.let_go.wait(0.1):
                report("Listening", 0.5)
                self.reported.set()
            return random_curves(2.0)
        finally:
            self.ended.set()


def prepared(faces: Sequence[bpy.types.Object], choices: Choices) -> GenerateRequest:
    """The request for these faces to speak the strip Speech."""
    scene = bpy.context.scene
    strip = baked_strip(scene, "Speech")
    return prepare(scene, strip, find_bake_targets(find_targets(faces), strip), choices)


def tick_to_the_end(seconds: float = 60.0) -> None:
    """What Blender's timer does."""
    end = time.monotonic() + seconds
    while jobs.tick() is not None:
        assert time.monotonic() < end
        time.sleep(0.02)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/emotions.png: the face at one moment of the spoken sample, in every emotion and three intensities.

Run it in the project's environment, from the project's folder: .venv/bin/python -m docs.make_pictures
It speaks with the default weights, by the operator that an artist presses, and takes about a minute.
"""

from __future__ import annotations

from pathlib import Path

import bpy

import emotalk_blender
from emotalk_blender.inference.performance import EMOTIONS
from tools.pictures.close_up import labelled_still
from tools.pictures.contact_sheet import save_sheet
from tools.pictures.demo import build_scene

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
INTENSITIES = (0.5, 1.0, 1.5)
MOMENT = 1.05
"""Seconds into the sample: the vowel of "my"."""

SIZE = 192
"""Pixels of a face: wide enough to judge it, small enough for seven in a row."""


def make_emotions(path: Path) -> None:
    """Speak the sample in each emotion, a column each, and each intensity, a row each."""
    scene = build_scene(SAMPLE)
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    frame = 1 + round(MOMENT * scene.render.fps)
    stills = []
    for intensity in INTENSITIES:
        for emotion in EMOTIONS:
            bpy.ops.emotalk.generate(emotion=emotion, intensity=intensity)
            stills.append(labelled_still(scene, frame, f"{emotion} {intensity:g}"))
    save_sheet(stills, len(EMOTIONS), path)


if __name__ == "__main__":
    emotalk_blender.register()
    try:
        make_emotions(Path(__file__).with_name("emotions.png"))
    finally:
        emotalk_blender.unregister()

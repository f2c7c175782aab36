# SPDX-License-Identifier: GPL-3.0-or-later
"""Make docs/emotions.png: the face at the same moment of the spoken sample, in one emotion after another.

Run it in the project's environment, from the project's folder: .venv/bin/python -m docs.make_pictures
"""

from __future__ import annotations

from pathlib import Path

import bpy

import emotalk_blender
from tools.contact_sheet import render_still, save_sheet
from tools.demo import build_scene

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "tests/data/spoken_sample.flac"
EMOTIONS = ("neutral", "happy", "sad", "angry", "surprise")
MOMENTS = (0.9, 1.05)
"""Seconds into the sample, a row of the picture each: the M of "my", and the vowel after it."""

SIZE = 256


def make_emotions(path: Path) -> None:
    """Speak the sample in each emotion and put the chosen moments side by side."""
    scene = build_scene(SAMPLE)
    scene.render.resolution_x = scene.render.resolution_y = SIZE
    columns = []
    for emotion in EMOTIONS:
        bpy.ops.emotalk.generate(emotion=emotion)
        columns.append([render_still(scene, 1 + round(moment * scene.render.fps)) for moment in MOMENTS])
    save_sheet([column[row] for row in range(len(MOMENTS)) for column in columns], len(EMOTIONS), path)


if __name__ == "__main__":
    emotalk_blender.register()
    try:
        make_emotions(Path(__file__).with_name("emotions.png"))
    finally:
        emotalk_blender.unregister()

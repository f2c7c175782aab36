# SPDX-License-Identifier: GPL-3.0-or-later
"""The film of a performance shows the right part of the sound, and the mouth."""

from __future__ import annotations

import json
from pathlib import Path

import bpy
import numpy as np
import pytest
import soundfile
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from emotalk_blender.animation.settings import AnimationSettings
from emotalk_blender.blender.demo_face.build import build_face
from emotalk_blender.curves import SAMPLE_RATE
from emotalk_blender.errors import EmoTalkError
from emotalk_blender.inference.performance import Performance
from emotalk_blender.training.rules.phones import Phone
from tools.pictures.close_up import add_mouth_camera
from tools.pictures.stage import set_stage
from tools.pictures.watch import Clip, caption, read_clip, rules_curves


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Two seconds, the phones of which are known from 0.5 s on."""
    path = tmp_path / "speech.flac"
    soundfile.write(path, np.random.default_rng(0).normal(0, 0.1, 2 * SAMPLE_RATE), SAMPLE_RATE)
    path.with_suffix(".json").write_text(json.dumps([["AA", 0.5, 1.2], ["M", 1.2, 1.5]]), encoding="utf-8")
    return path


def test_the_close_up_sees_both_corners_of_the_mouth(scene: bpy.types.Scene) -> None:
    parts = build_face(bpy.context)
    set_stage(scene, parts, 256)
    face = next(part for part in parts if part.data.shape_keys and "mouthClose" in part.data.shape_keys.key_blocks)
    camera = add_mouth_camera(scene, face)
    bpy.context.view_layer.update()
    for corner in (-0.23, 0.23):
        x, y, _ = world_to_camera_view(scene, camera, face.matrix_world @ Vector((corner, -0.77, -0.5)))
        assert 0.1 < x < 0.9
        assert 0.3 < y < 0.7


def test_sound_and_phones_are_cut_together(recording: Path) -> None:
    clip = read_clip(recording, 0.25, 1.0)
    assert len(clip.samples) == SAMPLE_RATE
    assert clip.phones == [Phone("SIL", 0.0, 0.25), Phone("AA", 0.25, 0.95), Phone("M", 0.95, 1.0)]


def test_a_stretch_without_sound_is_refused(recording: Path) -> None:
    with pytest.raises(EmoTalkError, match="earlier --start"):
        read_clip(recording, 5.0, None)


def test_the_rules_need_phones(recording: Path) -> None:
    clip = read_clip(recording, 0.0, None)
    assert rules_curves(clip, Performance("happy"), AnimationSettings()).frames == 60
    with pytest.raises(EmoTalkError, match=r"\.TextGrid"):
        rules_curves(Clip(clip.samples, None), Performance("happy"), AnimationSettings())


def test_a_picture_says_when_and_what() -> None:
    phones = [Phone("AA", 0.0, 0.5), Phone("M", 0.5, 0.6)]
    assert caption(0.5, phones) == "0.50 M"
    assert caption(0.7, phones) == "0.70"
    assert caption(1 / 3, None) == "0.33"

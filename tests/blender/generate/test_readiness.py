# SPDX-License-Identifier: GPL-3.0-or-later
"""A grey button always says why."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from emotalk_blender.blender.generate import readiness
from emotalk_blender.blender.generate.readiness import disabled_reason

from ..builders import add_strip, make_face, make_sound


@pytest.fixture
def ready(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.Object:
    add_strip(scene, make_sound(tmp_path / "speech.wav"))
    scene.emotalk.strip = "Speech"
    return make_face()


def reason() -> str:
    return disabled_reason(bpy.context)


def test_with_a_strip_and_a_face_there_is_none(ready: bpy.types.Object) -> None:
    assert reason() == ""


def test_steps_of_a_newcomer(scene: bpy.types.Scene, tmp_path: Path) -> None:
    assert reason() == "Open a sound file to speak."
    add_strip(scene, make_sound(tmp_path / "speech.wav"))
    assert reason() == "Pick a sound strip."
    scene.emotalk.strip = "Speech"
    assert "Select the meshes of a face" in reason()
    make_face()
    assert reason() == ""


def test_a_renamed_strip(ready: bpy.types.Object, scene: bpy.types.Scene) -> None:
    scene.sequence_editor.strips["Speech"].name = "Other"
    assert 'no sound strip "Speech"' in reason()


def test_a_missing_sound_file(ready: bpy.types.Object, tmp_path: Path) -> None:
    (tmp_path / "speech.wav").unlink()
    assert "missing" in reason()


def test_a_single_selected_object_is_named(ready: bpy.types.Object) -> None:
    ready.shape_key_clear()
    assert reason().startswith('"Face" has no shape keys')


def test_edit_mode(ready: bpy.types.Object) -> None:
    bpy.ops.object.mode_set(mode="EDIT")
    assert reason() == "Switch to Object Mode."
    bpy.ops.object.mode_set(mode="OBJECT")


def test_missing_packages(ready: bpy.types.Object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_missing_packages", lambda: "torch, safetensors")
    assert reason() == "The Python packages torch, safetensors are missing. Install the full EmoTalk zip."

# SPDX-License-Identifier: GPL-3.0-or-later
"""The door for studios' scripts: a sound found or added as a strip, a line, its curves, its keys."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender import api
from emotalk_blender.errors import EmoTalkError

from .builders import add_strip, all_keys, make_face, make_sound
from .running import tick_to_the_end


def test_a_script_goes_from_a_file_to_keys(scene: bpy.types.Scene, tmp_path: Path, model: Path) -> None:
    face, sound = make_face("Anna"), make_sound(tmp_path / "anna.wav")
    assert api.find_strip(sound) is None
    strip = api.find_strip(sound) or api.add_strip(sound, frame=11)
    assert api.find_strip(str(sound)) == strip
    line = api.make_line(strip, ["Anna"], emotion="happy", intensity=0.8, tolerance=0.0)
    curves = api.generate(line)
    assert curves.values.shape == (60, 52)
    assert api.bake(line, curves) == 'Frames 11 to 58 baked on "Anna"'
    assert list(all_keys(face)["jawOpen"]["co"][:, 0]) == list(range(11, 59))
    assert scene.emotalk.emotion == "voice"


def test_it_does_what_the_button_does(shot: bpy.types.Object) -> None:
    assert bpy.ops.emotalk.generate(emotion="sad", intensity=0.5) == {"FINISHED"}
    by_button = all_keys(shot)
    other = make_face("Other")
    line = api.make_line("Speech", [other], emotion="sad", intensity=0.5)
    api.bake(line, api.generate(line))
    for name, keys in all_keys(other).items():
        assert np.array_equal(keys["co"], by_button[name]["co"])


def test_curves_may_be_changed_before_they_are_baked(shot: bpy.types.Object) -> None:
    line = api.make_line("Speech", [shot])
    curves = api.generate(line)
    api.bake(line, type(curves)(np.full_like(curves.values, 0.25), curves.fps))
    assert np.allclose(all_keys(shot)["jawOpen"]["co"][:, 1], 0.25)


def test_it_can_run_beside_the_window(shot: bpy.types.Object, nothing_left_running: None) -> None:
    api.start(api.make_line("Speech", [shot]))
    with pytest.raises(EmoTalkError, match="still generating"):
        api.start(api.make_line("Speech", [shot]))
    tick_to_the_end()
    assert len(all_keys(shot)) == 52


def test_a_strip_is_found_by_any_way_of_writing_its_path(scene: bpy.types.Scene, tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "speech.wav")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    strip = add_strip(scene, sound)
    strip.sound.filepath = "//speech.wav"
    for path in (sound, str(sound), "//speech.wav", tmp_path / "sub" / ".." / "speech.wav"):
        assert api.find_strip(path) == strip
    assert api.find_strip(tmp_path / "other.wav") is None


def test_what_cannot_be_is_refused_and_changes_nothing(shot: bpy.types.Object, tmp_path: Path) -> None:
    hat = bpy.data.objects.new("Hat", None)
    bpy.context.scene.collection.objects.link(hat)
    for strip, faces, sentence in (
        ("Nobody", [shot], 'no sound strip "Nobody"'),
        ("Speech", ["Nobody"], 'no object "Nobody"'),
        ("Speech", ["Hat"], '"Hat" is not a mesh'),
        ("Speech", [hat], '"Hat" is not a mesh'),
        ("Speech", [], "Select the meshes of a face"),
    ):
        with pytest.raises(EmoTalkError, match=sentence):
            api.make_line(strip, faces)
    with pytest.raises(EmoTalkError, match="out of range"):
        api.make_line("Speech", [shot], tolerance=-1.0)
    with pytest.raises(EmoTalkError, match="cannot perform"):
        api.generate(api.make_line("Speech", [shot], emotion="bored"))
    with pytest.raises(EmoTalkError, match="no file"):
        api.add_strip(tmp_path / "none.wav", 1)
    assert len(bpy.data.actions) == 0


def test_a_choice_that_there_is_not_is_a_mistake_of_the_script(shot: bpy.types.Object) -> None:
    with pytest.raises(TypeError, match="mood cannot be chosen, only emotion, intensity"):
        api.make_line("Speech", [shot], mood="sad")

# SPDX-License-Identifier: GPL-3.0-or-later
"""Open Audio makes a strip of a sound file, from any editor."""

from __future__ import annotations

from pathlib import Path

import bpy
import pytest

from ..builders import add_strip, make_sound


def test_the_strip_begins_at_the_current_frame_and_is_picked(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene = bpy.context.window.scene = bpy.data.scenes.new("Without sequencer")
    scene.frame_set(25)
    assert scene.sequence_editor is None
    assert bpy.ops.emotalk.open_audio(filepath=str(make_sound(tmp_path / "line 1.wav"))) == {"FINISHED"}
    (strip,) = scene.sequence_editor.strips
    assert (strip.name, strip.type, strip.channel) == ("line 1", "SOUND", 1)
    assert (strip.frame_final_start, strip.frame_final_duration) == (25, 48)
    assert scene.emotalk.strip == "line 1"


def test_it_goes_on_the_lowest_channel_that_is_free_there(scene: bpy.types.Scene, tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "a.wav")
    add_strip(scene, sound, 40).channel = 1
    add_strip(scene, sound, 100).channel = 2
    add_strip(scene, sound, 1).channel = 3
    scene.frame_set(1)
    bpy.ops.emotalk.open_audio(filepath=str(sound))
    new = scene.sequence_editor.strips[scene.emotalk.strip]
    assert (new.channel, new.frame_final_start) == (2, 1)
    assert sorted(strip.frame_final_start for strip in scene.sequence_editor.strips) == [1, 1, 40, 100]


def test_an_earlier_strip_of_this_name_keeps_its_own(scene: bpy.types.Scene, tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "a.wav")
    bpy.ops.emotalk.open_audio(filepath=str(sound))
    bpy.ops.emotalk.open_audio(filepath=str(sound))
    assert [strip.name for strip in scene.sequence_editor.strips] == ["a", "a.001"]
    assert scene.emotalk.strip == "a.001"


@pytest.mark.parametrize("content", [None, b"", b"no sound"], ids=["missing", "empty", "text"])
@pytest.mark.parametrize("had_strip", [False, True])
def test_what_is_no_sound_leaves_nothing_behind(tmp_path: Path, content: bytes | None, had_strip: bool) -> None:
    scene = bpy.context.window.scene = bpy.data.scenes.new("Without sequencer")
    if had_strip:
        add_strip(scene, make_sound(tmp_path / "good.wav"))
    sounds = len(bpy.data.sounds)
    path = tmp_path / "bad.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RuntimeError, match=r"bad\.wav"):
        bpy.ops.emotalk.open_audio(filepath=str(path))
    assert len(bpy.data.sounds) == sounds
    assert scene.emotalk.strip == ""
    assert (scene.sequence_editor is not None) == had_strip
    assert not had_strip or len(scene.sequence_editor.strips) == 1

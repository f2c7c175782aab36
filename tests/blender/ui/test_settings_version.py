# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of earlier and later versions of EmoTalk: nothing is lost, nothing breaks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import pytest

from emotalk_blender.blender.bake.baked_strip import baked_strip
from emotalk_blender.blender.bake.find_previous_bake import find_previous_bake
from emotalk_blender.blender.generate import choices
from emotalk_blender.blender.ui.properties import EMOTALK_PG_settings
from emotalk_blender.blender.ui.settings_version import VERSION, newer_note

from ..bake.baking import place_of
from ..builders import add_strip, all_keys, curve_of, make_face, make_sound

VERSION_0 = Path(__file__).resolve().parents[2] / "data/saved_by_settings_version_0.blend"
"""Saved by Blender 4.5 with an EmoTalk that had no version of settings yet: see the README beside it."""


def saved_and_opened(path: Path) -> Any:
    """The settings after a save and a load."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.context.scene.emotalk


def stored(settings: bpy.types.PropertyGroup) -> Any:
    """The values behind the settings, as a file keeps them; from 5.0 they are not those of custom properties."""
    scene = settings.id_data
    if hasattr(scene, "bl_system_properties_get"):
        return scene.bl_system_properties_get(do_create=True)["emotalk"]
    return scene["emotalk"]


def test_settings_are_saved_with_their_version(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.emotalk.intensity = 0.5
    assert scene.emotalk.settings_version == 0
    assert saved_and_opened(tmp_path / "shot.blend").settings_version == VERSION


def test_a_scene_in_which_nothing_was_set_is_left_alone(scene: bpy.types.Scene, tmp_path: Path) -> None:
    assert saved_and_opened(tmp_path / "shot.blend").settings_version == 0


def test_a_file_of_before_there_were_versions_loads_as_it_did(tmp_path: Path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(VERSION_0))
    settings = bpy.context.scene.emotalk
    assert settings.settings_version == 0
    assert newer_note(settings) == ""
    found = (settings.emotion, settings.intensity, settings.edits, settings.seed, settings.strength_jaw, settings.live)
    assert found == ("strip", 1.25, "REPLACE", 7, 0.5, False)
    assert (settings.strip, settings.borrowed_strip, settings.weight_angry) == ("Speech", "Angry", 0.75)
    face = bpy.data.objects["Face"]
    assert (face.emotalk_preset, [row.name for row in face.emotalk_rows]) == ("OWN", ["jawOpen"])
    previous = find_previous_bake(place_of(face), baked_strip(bpy.context.scene, "Speech"))
    assert previous is not None
    ((track, _),) = previous.record.tracks.items()
    assert len(previous.edits(track).keys) == 1
    assert saved_and_opened(tmp_path / "again.blend").settings_version == VERSION


def test_a_file_of_a_later_version_keeps_what_only_that_one_knows(scene: bpy.types.Scene, tmp_path: Path) -> None:
    scene.emotalk.intensity = 0.5
    scene.emotalk.settings_version = VERSION + 1
    stored(scene.emotalk)["shivers"] = 0.75
    settings = saved_and_opened(tmp_path / "later.blend")
    assert newer_note(settings).endswith("update EmoTalk.")
    settings.intensity = 0.25
    settings = saved_and_opened(tmp_path / "later.blend")
    assert settings.settings_version == VERSION + 1
    assert stored(settings)["shivers"] == 0.75
    assert settings.intensity == 0.25


def test_a_choice_that_only_a_later_version_knows_is_told_and_kept(
    scene: bpy.types.Scene, tmp_path: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "device_choice", lambda: "cpu")
    add_strip(scene, make_sound(tmp_path / "speech.wav"))
    scene.emotalk.strip, scene.emotalk.emotion = "Speech", "happy"
    face = make_face()
    stored(scene.emotalk)["emotion"] = 99
    with pytest.raises(RuntimeError) as told:
        bpy.ops.emotalk.generate()
    assert "Traceback" not in str(told.value)
    assert "emotion" in str(told.value).lower()
    assert stored(scene.emotalk)["emotion"] == 99
    assert all_keys(face) == {}
    scene.emotalk.emotion = "sad"
    assert bpy.ops.emotalk.generate() == {"FINISHED"}
    assert curve_of(face, "jawOpen") is not None


def test_numbers_that_files_keep_stay() -> None:
    kept = {
        name: {item.identifier: item.value for item in EMOTALK_PG_settings.bl_rna.properties[name].enum_items}
        for name in ("emotion", "edits")
    }
    emotions = "voice neutral happy sad angry fear disgust surprise mix strip".split()
    assert kept == {"emotion": {name: i for i, name in enumerate(emotions)}, "edits": {"KEEP": 0, "REPLACE": 1}}

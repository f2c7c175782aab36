# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance kept as a preset is the same performance in another file, and loading it is one undo step."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest
from bl_ui.utils import PresetPanel

from emotalk_blender.blender import live
from emotalk_blender.blender.performance_presets import SETTINGS, EMOTALK_PT_performance_presets
from emotalk_blender.blender.properties import EMOTALK_PG_settings

SHOT = {"strip", "live", "borrowed_strip", "offset", "seed", "tolerance", "edits"}
"""Settings that belong to a shot or to the way of working, not to a performance."""

CHANGED = {
    "emotion": "mix",
    "intensity": 1.25,
    "person": 3,
    "weight_angry": 0.75,
    "strength_cheeks_nose": 1.5,
    "blinks": False,
    "gaze": 0.5,
}


@pytest.fixture(autouse=True)
def no_presets_left() -> Iterator[None]:
    yield
    for path in presets():
        path.unlink()


def folders() -> list[str]:
    return bpy.utils.preset_paths(EMOTALK_PT_performance_presets.preset_subdir)


def presets() -> list[Path]:
    return [path for folder in folders() for path in Path(folder).glob("*.py")]


def keep_changed(scene: bpy.types.Scene, name: str = "Furious") -> Path:
    for setting, value in CHANGED.items():
        setattr(scene.emotalk, setting, value)
    bpy.ops.emotalk.performance_preset_add(name=name)
    (path,) = presets()
    return path


def test_each_setting_is_of_the_performance_or_of_the_shot() -> None:
    known = {item.identifier for item in EMOTALK_PG_settings.bl_rna.properties} - {"rna_type", "name"}
    assert set(SETTINGS) | SHOT == known
    assert not set(SETTINGS) & SHOT


def test_a_preset_brings_the_performance_back_and_leaves_the_shot_alone(scene: bpy.types.Scene) -> None:
    path = keep_changed(scene)
    bpy.ops.wm.read_homefile(use_empty=True)
    fresh = bpy.context.scene.emotalk
    fresh.strip, fresh.offset, fresh.seed = "Speech", 40.0, 7
    assert bpy.ops.emotalk.performance_preset_load(filepath=str(path)) == {"FINISHED"}
    assert {name: getattr(fresh, name) for name in CHANGED} == CHANGED
    assert (fresh.strip, fresh.offset, fresh.seed) == ("Speech", 40.0, 7)


@pytest.mark.parametrize("follows", [True, False])
def test_live_follows_a_preset_once(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, follows: bool) -> None:
    path = keep_changed(scene)
    scene.emotalk.intensity = 0.0
    scene.emotalk.live = follows
    seen: list[float] = []
    monkeypatch.setattr(
        live, "settings_changed", lambda context: context.scene.emotalk.live and seen.append(scene.emotalk.intensity)
    )
    bpy.ops.emotalk.performance_preset_load(filepath=str(path))
    assert seen == ([1.25] if follows else [])
    assert scene.emotalk.live == follows


def test_loading_can_be_undone(scene: bpy.types.Scene) -> None:
    path = keep_changed(scene)
    scene.emotalk.intensity = 0.25
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.emotalk.performance_preset_load("EXEC_DEFAULT", True, filepath=str(path))
    assert bpy.context.scene.emotalk.intensity == 1.25
    bpy.ops.ed.undo()
    assert bpy.context.scene.emotalk.intensity == 0.25


def test_a_preset_can_be_removed(scene: bpy.types.Scene) -> None:
    keep_changed(scene)
    bpy.ops.emotalk.performance_preset_add(name="Furious", remove_name=True)
    assert presets() == []


def test_a_preset_that_cannot_be_loaded_is_told_in_a_sentence(scene: bpy.types.Scene, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError) as told:
        bpy.ops.emotalk.performance_preset_load(filepath=str(tmp_path / "gone.py"))
    assert "cannot be loaded. Remove it" in str(told.value)
    assert "Traceback" not in str(told.value)
    assert scene.emotalk.live


def test_before_a_first_preset_no_path_is_told_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLENDER_USER_SCRIPTS", str(tmp_path))
    drawn = []
    monkeypatch.setattr(PresetPanel, "draw", lambda *_: drawn.append(folders()))
    assert folders() == []
    EMOTALK_PT_performance_presets.draw(None, bpy.context)
    assert len(drawn[0]) == 1

# SPDX-License-Identifier: GPL-3.0-or-later
"""A performance kept as a preset is the same performance in another file, is data alone, and loads in one undo step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotalk_blender.blender.generate import live
from emotalk_blender.blender.ui import performance_presets
from emotalk_blender.blender.ui.performance_presets import SETTINGS, EMOTALK_PT_performance_presets, kept_performances
from emotalk_blender.blender.ui.properties import EMOTALK_PG_settings
from emotalk_blender.files.named_json import write_named

from ..fake_layout import FakeLayout

SHOT = {"settings_version", "strip", "live", "borrowed_strip", "offset", "seed", "tolerance", "edits"}
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
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """No presets but those of the test."""
    monkeypatch.setattr(performance_presets, "user_folder", lambda name: tmp_path / name)
    performance_presets._read.cache_clear()
    yield tmp_path / "performances"
    performance_presets._read.cache_clear()


def keep_changed(scene: bpy.types.Scene, name: str = "Furious") -> None:
    for setting, value in CHANGED.items():
        setattr(scene.emotalk, setting, value)
    assert bpy.ops.emotalk.performance_preset_add(name=name) == {"FINISHED"}


def write(folder: Path, kept: Any, name: str = "Foreign") -> None:
    """A preset as somebody else may have written it."""
    folder.mkdir(exist_ok=True)
    (folder / "foreign.json").write_text(json.dumps({"format": 1, "name": name, "settings": kept}), encoding="utf-8")
    performance_presets._read.cache_clear()


def all_settings() -> dict[str, Any]:
    return {name: getattr(bpy.context.scene.emotalk, name) for name in (*SETTINGS, *SHOT)}


def test_each_setting_is_of_the_performance_or_of_the_shot() -> None:
    known = {item.identifier for item in EMOTALK_PG_settings.bl_rna.properties} - {"rna_type", "name"}
    assert set(SETTINGS) | SHOT == known
    assert not set(SETTINGS) & SHOT


def test_a_preset_brings_the_performance_back_and_leaves_the_shot_alone(scene: bpy.types.Scene) -> None:
    keep_changed(scene)
    bpy.ops.wm.read_homefile(use_empty=True)
    fresh = bpy.context.scene.emotalk
    fresh.strip, fresh.offset, fresh.seed = "Speech", 40.0, 7
    assert bpy.ops.emotalk.performance_preset_load(name="Furious") == {"FINISHED"}
    assert {name: getattr(fresh, name) for name in CHANGED} == CHANGED
    assert (fresh.strip, fresh.offset, fresh.seed) == ("Speech", 40.0, 7)


@pytest.mark.parametrize("follows", [True, False])
def test_live_follows_a_preset_once(scene: bpy.types.Scene, monkeypatch: pytest.MonkeyPatch, follows: bool) -> None:
    keep_changed(scene)
    scene.emotalk.intensity = 0.0
    scene.emotalk.live = follows
    seen: list[float] = []
    monkeypatch.setattr(
        live, "settings_changed", lambda context: context.scene.emotalk.live and seen.append(scene.emotalk.intensity)
    )
    bpy.ops.emotalk.performance_preset_load(name="Furious")
    assert seen == ([1.25] if follows else [])
    assert scene.emotalk.live == follows


def test_loading_can_be_undone(scene: bpy.types.Scene) -> None:
    keep_changed(scene)
    scene.emotalk.intensity = 0.25
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.emotalk.performance_preset_load("EXEC_DEFAULT", True, name="Furious")
    assert bpy.context.scene.emotalk.intensity == 1.25
    bpy.ops.ed.undo()
    assert bpy.context.scene.emotalk.intensity == 0.25


def test_a_preset_is_replaced_by_one_of_its_name_and_can_be_removed(scene: bpy.types.Scene, folder: Path) -> None:
    keep_changed(scene)
    scene.emotalk.intensity = 0.5
    bpy.ops.emotalk.performance_preset_add(name=" Furious ")
    assert [kept["intensity"] for kept in kept_performances().values()] == [0.5]
    bpy.ops.emotalk.performance_preset_remove(name="Furious")
    assert kept_performances() == {}
    assert list(folder.iterdir()) == []


def test_a_preset_that_another_blender_keeps_is_there_as_well(scene: bpy.types.Scene, folder: Path) -> None:
    keep_changed(scene)
    assert list(kept_performances()) == ["Furious"]
    write_as_another_blender_does(folder)
    assert list(kept_performances()) == ["Calm", "Furious"]


def write_as_another_blender_does(folder: Path) -> None:
    write_named(folder, "Calm", {"settings": {"intensity": 0.1}})


def test_the_popover_shows_each_preset_with_a_button_that_removes_it(scene: bpy.types.Scene) -> None:
    keep_changed(scene)
    layout = FakeLayout()
    EMOTALK_PT_performance_presets.draw(SimpleNamespace(layout=layout), bpy.context)
    assert list(layout.all()) == [
        ("operator", "emotalk.performance_preset_load"),
        ("operator", "emotalk.performance_preset_remove"),
        ("operator", "emotalk.performance_preset_add"),
        ("prop", "preset_name"),
    ]


def test_a_preset_without_a_name_is_told_in_a_sentence() -> None:
    with pytest.raises(RuntimeError, match="needs a name"):
        bpy.ops.emotalk.performance_preset_add(name="  ")


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        ({"emotion": "bored"}, 'The preset "Foreign" cannot be loaded: Emotion is unknown here'),
        ({"intensity": float("nan")}, "Intensity is unknown"),
        ({"intensity": "__import__('os')"}, "Intensity is unknown"),
        ({"intensity": True}, "Intensity is unknown"),
        ({"person": 1.5}, "Person is unknown"),
        ({"blinks": 2}, "Blinks is unknown"),
        ({"gaze": [0.5]}, "Gaze is unknown"),
    ],
)
def test_a_preset_that_cannot_be_meant_sets_nothing(
    scene: bpy.types.Scene, folder: Path, kept: dict[str, Any], sentence: str
) -> None:
    write(folder, {"smoothing": 10.0} | kept)
    before = all_settings()
    with pytest.raises(RuntimeError) as told:
        bpy.ops.emotalk.performance_preset_load(name="Foreign")
    assert sentence in str(told.value)
    assert "Traceback" not in str(told.value)
    assert all_settings() == before


def test_a_preset_of_a_later_version_sets_what_is_known_and_within_its_range(
    scene: bpy.types.Scene, folder: Path
) -> None:
    write(folder, {"intensity": 99, "person": -(10**400), "gaze": 0.25, "shivers": 3, "live": False, "strip": "Other"})
    assert bpy.ops.emotalk.performance_preset_load(name="Foreign") == {"FINISHED"}
    found = scene.emotalk
    assert (found.intensity, found.person, found.gaze, found.live, found.strip) == (1.5, 0, 0.25, True, "")


def test_one_that_is_gone_is_told_in_a_sentence() -> None:
    with pytest.raises(RuntimeError, match='There is no preset "Gone"'):
        bpy.ops.emotalk.performance_preset_load(name="Gone")


def test_blenders_own_presets_which_are_python_are_never_looked_at(folder: Path) -> None:
    folder.mkdir()
    (folder / "evil.py").write_text("raise SystemExit", encoding="utf-8")
    assert kept_performances() == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept=JSON | st.dictionaries(st.sampled_from(SETTINGS), JSON, max_size=3))
def test_anything_in_its_place_is_left_out_refused_or_set_within_range(folder: Path, kept: Any) -> None:
    write(folder, kept)
    before = all_settings()
    try:
        bpy.ops.emotalk.performance_preset_load(name="Foreign")
    except RuntimeError as told:
        assert "no preset" in str(told) or "cannot be loaded" in str(told)
        assert all_settings() == before
    for name, value in all_settings().items():
        prop = bpy.context.scene.emotalk.bl_rna.properties[name]
        assert prop.type not in {"INT", "FLOAT"} or prop.hard_min <= value <= prop.hard_max

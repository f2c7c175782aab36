# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings with keys are read frame by frame, as Blender would show them, and the playhead stays where it is."""

from __future__ import annotations

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.generate.choices import read_choices
from emotalk_blender.blender.generate.keyed_settings import MARGIN, is_keyed, over_time
from emotalk_blender.blender.ui.key_mood import MOOD
from emotalk_blender.inference.over_time import OverTime
from emotalk_blender.inference.performance import MAX_INTENSITY, MIX

from ..builders import stretch_at

STRETCH = stretch_at(11, 2.0)
"""Frames 11 to 58 at 24 frames per second."""

FRAMES = np.arange(11 - MARGIN, 59 + MARGIN + 1)


def key(scene: bpy.types.Scene, name: str, points: dict[int, float]) -> bpy.types.FCurve:
    """Key a setting, straight from key to key; what it is besides stays."""
    before = getattr(scene.emotalk, name)
    for frame, value in points.items():
        setattr(scene.emotalk, name, value)
        scene.emotalk.keyframe_insert(name, frame=frame)
    setattr(scene.emotalk, name, before)
    curve = curve_of(scene, name)
    for point in curve.keyframe_points:
        point.interpolation = "LINEAR"
    curve.update()
    return curve


def curve_of(scene: bpy.types.Scene, name: str) -> bpy.types.FCurve:
    return bag_of(scene).fcurves.find(f"emotalk.{name}")


def bag_of(scene: bpy.types.Scene) -> bpy.types.ActionChannelbag:
    animation = scene.animation_data
    return animation.action.layers[0].strips[0].channelbag(animation.action_slot)


def at(found: OverTime, *frames: float) -> list[list[float]]:
    """The values on these frames of the scene."""
    return found.at(np.array(frames) / 24 - STRETCH.start).astype(float).round(5).tolist()


def test_a_setting_without_keys_is_what_it_is_now(scene: bpy.types.Scene) -> None:
    scene.emotalk.intensity = 0.25
    assert not is_keyed(scene, "intensity")
    found = over_time(scene, ["intensity"], STRETCH)
    assert found.values.shape == (len(FRAMES), 1)
    assert (found.values == 0.25).all()
    assert read_choices(scene, STRETCH).performance.intensity == 0.25


def test_keys_are_read_on_each_frame_of_the_strip_and_around_it(scene: bpy.types.Scene) -> None:
    curve = key(scene, "intensity", {1: 0.0, 21: 1.0, 101: 0.2})
    assert is_keyed(scene, "intensity")
    found = over_time(scene, ["intensity"], STRETCH)
    np.testing.assert_allclose(found.values[:, 0], [curve.evaluate(frame) for frame in FRAMES], atol=1e-6)
    assert at(found, 11, 21, 61) == [[0.5], [1.0], [0.6]]
    assert read_choices(scene, STRETCH).performance.intensity == found


@pytest.mark.parametrize("start", [11.0, 11.4, 10.6, -7.5, 0.0])
@pytest.mark.parametrize("fps", [24.0, 24 / 1.001, 60.0])
def test_a_value_is_heard_when_its_frame_plays(scene: bpy.types.Scene, start: float, fps: float) -> None:
    """A ramp that is as high as its frame is long ago: so the value tells the frame."""
    key(scene, "intensity", {-100: 0.0, 300: 1.0})
    stretch = stretch_at(start, 2.0, fps)
    found = over_time(scene, ["intensity"], stretch)
    times = np.linspace(0, 2.0, 17)
    heard = found.at(times)[:, 0] * 400 - 100
    np.testing.assert_allclose(heard, (stretch.start + times) * fps, atol=1e-3)
    edges = np.array([-MARGIN / fps, 2.0 + MARGIN / fps])
    np.testing.assert_allclose(
        found.at(edges)[:, 0] * 400 - 100, (stretch.start + edges) * fps, atol=1e-3, err_msg="the margin"
    )


def test_each_setting_has_its_column_keyed_or_not(scene: bpy.types.Scene) -> None:
    scene.emotalk.weight_sad = 0.3
    key(scene, "weight_happy", {11: 1.0, 51: 0.0})
    found = over_time(scene, ["weight_sad", "weight_happy"], STRETCH)
    assert at(found, 11, 31, 51) == [[0.3, 1.0], [0.3, 0.5], [0.3, 0.0]]


def test_the_mix_is_in_the_order_of_the_emotions(scene: bpy.types.Scene) -> None:
    scene.emotalk.emotion = MIX
    for name, value in {"neutral": 0.1, "happy": 0.2, "sad": 0.3, "angry": 0.4}.items():
        setattr(scene.emotalk, f"weight_{name}", value)
    key(scene, "weight_surprise", {11: 0.0, 51: 0.8})
    weights = read_choices(scene, STRETCH).performance.weights
    assert at(weights, 11, 31) == [[0.1, 0.2, 0.3, 0.4, 0, 0, 0], [0.1, 0.2, 0.3, 0.4, 0, 0, 0.4]]
    scene.emotalk.emotion = "happy"
    assert read_choices(scene, STRETCH).performance.weights is None


def test_a_script_that_gives_the_intensity_has_its_way(scene: bpy.types.Scene) -> None:
    key(scene, "intensity", {11: 0.0, 51: 1.0})
    assert read_choices(scene, STRETCH, {"intensity": 0.7}).performance.intensity == 0.7


@pytest.mark.parametrize("muted", ["curve", "group"])
def test_a_muted_curve_does_not_count(scene: bpy.types.Scene, muted: str) -> None:
    scene.emotalk.intensity = 0.25
    curve = key(scene, "intensity", {11: 0.0, 51: 1.0})
    group = bag_of(scene).groups.new("Performance")
    curve.group = group
    assert is_keyed(scene, "intensity")
    (curve if muted == "curve" else group).mute = True
    assert not is_keyed(scene, "intensity")
    assert (over_time(scene, ["intensity"], STRETCH).values == 0.25).all()


def test_values_are_held_within_the_range_of_the_setting(scene: bpy.types.Scene) -> None:
    for name, high in (("intensity", MAX_INTENSITY), ("weight_happy", 1.0)):
        curve = key(scene, name, {11: 0.0, 51: 1.0})
        curve.keyframe_points[0].co.y, curve.keyframe_points[1].co.y = -3.0, 5.0
        curve.update()
        values = over_time(scene, [name], STRETCH).values
        assert (values.min(), values.max()) == (0.0, high)


def test_a_modifier_of_the_curve_counts(scene: bpy.types.Scene) -> None:
    curve = key(scene, "intensity", {11: 0.5, 51: 0.5})
    curve.modifiers.new("NOISE").strength = 0.3
    values = over_time(scene, ["intensity"], STRETCH).values
    assert np.ptp(values) > 0.05


def test_the_playhead_and_the_setting_stay_where_they_are(scene: bpy.types.Scene) -> None:
    key(scene, "intensity", {11: 0.0, 51: 1.0})
    scene.frame_set(41)
    before = scene.emotalk.intensity
    over_time(scene, ["intensity"], STRETCH)
    assert (scene.frame_current, scene.emotalk.intensity) == (41, before)


def test_keys_of_another_scene_do_not_count(scene: bpy.types.Scene) -> None:
    other = bpy.data.scenes.new("Other")
    key(other, "intensity", {11: 0.0, 51: 1.0})
    scene.emotalk.intensity = 0.25
    assert not is_keyed(scene, "intensity")
    assert (over_time(scene, ["intensity"], STRETCH).values == 0.25).all()


def test_of_an_action_that_two_scenes_share_each_has_its_own_slot(scene: bpy.types.Scene) -> None:
    other = bpy.data.scenes.new("Other")
    key(scene, "intensity", {11: 1.0, 51: 0.0})
    animation = other.animation_data_create()
    animation.action = scene.animation_data.action
    animation.action_slot = animation.action.slots.new("SCENE", "Other")
    assert not is_keyed(other, "intensity")
    key(other, "intensity", {11: 0.0, 51: 0.5})
    assert [at(over_time(keyed, ["intensity"], STRETCH), 11, 51) for keyed in (scene, other)] == [
        [[1], [0]],
        [[0], [0.5]],
    ]


def test_an_action_without_a_slot_or_a_curve_of_it_does_not_count(scene: bpy.types.Scene) -> None:
    scene.keyframe_insert("audio_volume", frame=1)
    assert not is_keyed(scene, "intensity")
    key(scene, "intensity", {11: 0.0, 51: 1.0})
    assert is_keyed(scene, "intensity")
    scene.animation_data.action_slot = None
    assert not is_keyed(scene, "intensity")
    scene.animation_data.action = None
    assert not is_keyed(scene, "intensity")


def test_only_what_is_read_over_time_can_be_keyed(scene: bpy.types.Scene) -> None:
    numbers = [prop.identifier for prop in scene.emotalk.bl_rna.properties if prop.is_animatable]
    assert sorted(numbers) == sorted(MOOD)

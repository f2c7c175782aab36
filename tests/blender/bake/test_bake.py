# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves become keys on the strip's frames, and nothing else changes."""

from __future__ import annotations

import bpy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotalk_blender.blender.bake.bake_record import Origin
from emotalk_blender.blender.bake.bake_records import find_record
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.curves import CHANNEL
from emotalk_blender.errors import EmoTalkError

from ...curve_builders import random_curves
from ..builders import all_keys, curve_of, insert_keys, keys_of, make_face, stretch_at
from .baking import bake_onto, place_of


def bake(curves, stretch, faces, strip):
    """A key on every frame."""
    return bake_onto(faces, curves, BakedStrip(Origin(strip), stretch), tolerance=0)


RATES = {"23.976": 24 / 1.001, "24": 24.0, "30": 30.0, "59.94": 60 / 1.001, "120": 120.0}


@pytest.mark.parametrize("fps", RATES.values(), ids=RATES)
@pytest.mark.parametrize("first", [10.0, 10.3, 10.96875, 0.0, -40.5])
def test_each_whole_frame_of_the_sound_has_the_value_of_its_time(fps: float, first: float) -> None:
    face, curves = make_face(), random_curves(2.0)
    frames = bake(curves, stretch_at(first, 2.0, fps), [face], "Speech")
    assert frames[0] == np.ceil(first)
    assert frames[-1] == np.ceil(first + 2.0 * fps) - 1
    assert np.array_equal(frames, np.arange(frames[0], frames[-1] + 1))
    for name, channel in CHANNEL.items():
        keys = keys_of(face, name)["co"]
        assert np.array_equal(keys[:, 0], frames)
        expected = curves.at((frames - first) / fps)[:, channel]
        np.testing.assert_allclose(keys[:, 1], expected, atol=1e-5)


def test_keys_are_marked_generated_and_do_not_overshoot() -> None:
    face = make_face(keys=["jawOpen"])
    bake(random_curves(1.0), stretch_at(1, 1.0), [face], "Speech")
    curve = curve_of(face, "jawOpen")
    assert {point.type for point in curve.keyframe_points} == {"GENERATED"}
    assert {point.interpolation for point in curve.keyframe_points} == {"BEZIER"}
    values = keys_of(face, "jawOpen")["co"]
    between = [curve.evaluate(frame) for frame in np.linspace(1, 24, 600)]
    assert min(between) >= values[:, 1].min() - 1e-6
    assert max(between) <= values[:, 1].max() + 1e-6


def test_generated_keys_look_like_ones_that_blender_made() -> None:
    face = make_face(keys=["jawOpen", "mouthClose"])
    bake(random_curves(1.0), stretch_at(1, 1.0), [face], "Speech")
    insert_keys(face, "mouthClose", [(50, 0.5)])
    generated, own = keys_of(face, "jawOpen"), keys_of(face, "mouthClose")
    for name in ("easing", "back", "amplitude", "period", "interpolation", "handle_left_type", "handle_right_type"):
        assert generated[name][0] == own[name][-1], name


def test_the_face_moves_with_the_keys(scene: bpy.types.Scene) -> None:
    face, curves = make_face(), random_curves(1.0)
    bake(curves, stretch_at(10, 1.0), [face], "Speech")
    for frame in (10, 20, 33):
        scene.frame_set(frame)
        shown = face.evaluated_get(bpy.context.evaluated_depsgraph_get()).data.shape_keys.key_blocks["jawOpen"].value
        assert shown == pytest.approx(curves.at(np.array([(frame - 10) / 24]))[0, CHANNEL["jawOpen"]], abs=1e-5)


def test_values_stay_within_the_sliders() -> None:
    face = make_face(keys=["jawOpen", "mouthClose", "tongueOut"])
    blocks = face.data.shape_keys.key_blocks
    blocks["jawOpen"].slider_max = 0.5
    blocks["mouthClose"].slider_min = 0.25
    blocks["tongueOut"].slider_max, blocks["tongueOut"].slider_min = -0.25, -0.5
    bake(random_curves(2.0), stretch_at(1, 2.0), [face], "Speech")
    for name in ("jawOpen", "mouthClose", "tongueOut"):
        values = keys_of(face, name)["co"][:, 1]
        assert values.min() >= blocks[name].slider_min
        assert values.max() <= blocks[name].slider_max
    assert keys_of(face, "jawOpen")["co"][:, 1].max() == 0.5


def test_both_halves_of_a_blendshape_get_its_curve() -> None:
    face = make_face(keys=["browInnerUp_L", "browInnerUp_R", "Smile"])
    curves = random_curves(1.0)
    bake(curves, stretch_at(0, 1.0, 30.0), [face], "Speech")
    for name in ("browInnerUp_L", "browInnerUp_R"):
        np.testing.assert_allclose(keys_of(face, name)["co"][:, 1], curves.values[:, CHANNEL["browInnerUp"]], atol=1e-6)
    assert curve_of(face, "Smile") is None


def test_the_meshes_of_a_take_share_one_action_with_a_slot_each() -> None:
    faces = [make_face("Head"), make_face("Teeth", ["jawOpen"]), make_face("Tongue", ["jawOpen", "tongueOut"])]
    bake(random_curves(1.0), stretch_at(1, 1.0), faces, "Speech")
    animations = [face.data.shape_keys.animation_data for face in faces]
    (action,) = bpy.data.actions
    assert action.name == "Speech"
    assert [animation.action for animation in animations] == [action] * 3
    assert [animation.action_slot.name_display for animation in animations] == ["Head", "Teeth", "Tongue"]
    assert {slot.target_id_type for slot in action.slots} == {"KEY"}
    assert [len(all_keys(face)) for face in faces] == [52, 1, 2]


def test_a_mesh_added_later_joins_the_action_of_the_take() -> None:
    head, teeth = make_face("Head"), make_face("Teeth", ["jawOpen"])
    bake(random_curves(1.0), stretch_at(1, 1.0), [head], "Speech")
    bake(random_curves(1.0, seed=1), stretch_at(1, 1.0), [head, teeth], "Speech")
    (action,) = bpy.data.actions
    assert len(action.slots) == 2
    assert np.array_equal(keys_of(head, "jawOpen")["co"], keys_of(teeth, "jawOpen")["co"])


def test_what_is_baked_onto_a_shared_slot_is_not_taken_for_edits_by_the_second_mesh() -> None:
    first, second, alone = (make_face(name, ["jawOpen"]) for name in ("First", "Second", "Alone"))
    bake(random_curves(1.0), stretch_at(1, 1.0), [first, alone], "Speech")
    animation = second.data.shape_keys.animation_data_create()
    animation.action, animation.action_slot = place_of(first).action, place_of(first).slot
    bake(random_curves(1.0, seed=1), stretch_at(1, 1.0), [first, second, alone], "Speech")
    (baked,) = find_record(place_of(first), "Speech").tracks.values()
    assert len(baked.edits.keys) == 0
    assert np.array_equal(keys_of(second, "jawOpen")["co"], keys_of(alone, "jawOpen")["co"])


def test_an_action_of_the_artists_own_is_never_taken_for_the_takes() -> None:
    own = bpy.data.actions.new("Speech")
    face = make_face()
    bake(random_curves(1.0), stretch_at(1, 1.0), [face], "Speech")
    assert len(own.slots) == 0
    assert face.data.shape_keys.animation_data.action != own


def test_a_mesh_with_an_action_keeps_it_and_what_is_in_it() -> None:
    face = make_face(keys=["jawOpen", "mouthClose", "Smile"])
    insert_keys(face, "Smile", [(1, 0.0), (12, 1.0), (40, 0.3)])
    insert_keys(face, "jawOpen", [(-5, 0.1), (100, 0.9)])
    animation = face.data.shape_keys.animation_data
    action, slot = animation.action, animation.action_slot
    smile = keys_of(face, "Smile")
    bake(random_curves(1.0), stretch_at(10, 1.0), [face], "Speech")
    assert (animation.action, animation.action_slot) == (action, slot)
    assert same(keys_of(face, "Smile"), smile)
    assert list(keys_of(face, "jawOpen")["co"][[0, -1], 0]) == [-5, 100]


def same(one, other) -> bool:
    """Bit for bit."""
    return all(np.array_equal(one[name].view(np.uint8), other[name].view(np.uint8)) for name in one)


@st.composite
def artists_keys(draw: st.DrawFn) -> list[tuple[float, float, str, str, str]]:
    frames = draw(st.lists(st.integers(-400, 1200), unique=True, min_size=1, max_size=25))
    enums = [
        st.sampled_from(["KEYFRAME", "EXTREME", "BREAKDOWN", "JITTER"]),
        st.sampled_from(["BEZIER", "LINEAR", "CONSTANT", "ELASTIC", "BACK"]),
        st.sampled_from(["FREE", "ALIGNED", "VECTOR", "AUTO", "AUTO_CLAMPED"]),
    ]
    return [
        (frame / 8, draw(st.floats(0, 1, width=32)), *(draw(strategy) for strategy in enums))
        for frame in sorted(frames)
    ]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(points=artists_keys(), start=st.floats(-20, 80), seconds=st.floats(0.1, 2.0), seed=st.integers(0, 9))
def test_keys_outside_the_strip_stay_bit_for_bit(points, start: float, seconds: float, seed: int) -> None:
    face = make_face(keys=["jawOpen"])
    insert_keys(face, "jawOpen", [(frame, value) for frame, value, *_ in points])
    curve = curve_of(face, "jawOpen")
    for point, (_, _, kind, interpolation, handle) in zip(curve.keyframe_points, points, strict=True):
        point.type, point.interpolation = kind, interpolation
        point.handle_left_type = point.handle_right_type = handle
        point.select_control_point = kind == "EXTREME"
    curve.update()
    before = keys_of(face, "jawOpen")

    frames = bake(random_curves(seconds, seed), stretch_at(start, seconds), [face], "Speech")

    after = keys_of(face, "jawOpen")
    new = np.isin(after["co"][:, 0], frames)
    assert np.array_equal(after["co"][new, 0], frames)
    outside = (before["co"][:, 0] < frames[0]) | (before["co"][:, 0] > frames[-1])
    assert same({k: v[~new] for k, v in after.items()}, {k: v[outside] for k, v in before.items()})
    bpy.data.objects.remove(face)


def test_the_curve_outside_the_strip_keeps_its_shape() -> None:
    face = make_face(keys=["jawOpen"])
    insert_keys(face, "jawOpen", [(-20, 0.0), (-10, 0.9), (0, 0.2), (20, 0.7), (50, 0.1), (60, 0.8), (80, 0.3)])
    curve = curve_of(face, "jawOpen")
    outside = [*np.linspace(-30, 0, 50), *np.linspace(50, 100, 50)]
    before = [curve.evaluate(frame) for frame in outside]
    bake(random_curves(1.0), stretch_at(10, 1.0), [face], "Speech")
    assert [curve_of(face, "jawOpen").evaluate(frame) for frame in outside] == before


def test_baking_again_gives_the_same_keys() -> None:
    face, curves = make_face(), random_curves(2.0)
    insert_keys(face, "jawOpen", [(3, 0.1), (200, 0.5)])
    bake(curves, stretch_at(10.4, 2.0), [face], "Speech")
    first = all_keys(face)
    bake(curves, stretch_at(10.4, 2.0), [face], "Speech")
    second = all_keys(face)
    assert first.keys() == second.keys()
    assert all(same(first[name], second[name]) for name in first)


def test_two_strips_one_after_the_other_live_in_one_action() -> None:
    face = make_face(keys=["jawOpen"])
    bake(random_curves(1.0), stretch_at(1, 1.0), [face], "First")
    first = keys_of(face, "jawOpen")
    bake(random_curves(1.0, seed=1), stretch_at(50, 1.0), [face], "Second")
    both = keys_of(face, "jawOpen")
    assert len(bpy.data.actions) == 1
    assert same({name: values[:24] for name, values in both.items()}, first)
    assert len(both["co"]) == 48


def test_shape_keys_with_awkward_names_are_animated() -> None:
    face = make_face(keys=["jaw open", "MOUTH_CLOSE", 'mouth "left"\\'])
    bake(random_curves(1.0), stretch_at(1, 1.0), [face], "Speech")
    assert set(all_keys(face)) == {"jaw open", "MOUTH_CLOSE"}


def test_a_stretch_between_two_frames_is_refused_and_nothing_changes() -> None:
    face = make_face()
    with pytest.raises(EmoTalkError, match="between two frames"):
        bake(random_curves(0.1), stretch_at(10.2, 0.02), [face], "Speech")
    assert len(bpy.data.actions) == 0
    assert face.data.shape_keys.animation_data is None


def test_a_sound_shorter_than_its_strip_is_not_stretched() -> None:
    face = make_face()
    frames = bake(random_curves(1.0), stretch_at(10, 5.0), [face], "Speech")
    assert list(frames[[0, -1]]) == [10, 33]

# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's edits of baked keys outlast every bake that follows."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emotalk_blender.blender.bake.bake_record import Origin
from emotalk_blender.blender.bake.baked_strip import BakedStrip
from emotalk_blender.curves import Curves

from ...curve_builders import smooth_curves
from ..builders import all_keys, curve_of, insert_keys, keys_of, make_face, stretch_at
from .baking import bake_onto

SPEECH = Origin("Speech", "//speech.wav")
SECONDS = 4.0
KEYS = ["jawOpen", "mouthClose", "browInnerUp"]
FIRST, LAST = 10, 105

TRIALS = int(os.environ.get("EMOTALK_TRIALS", "40"))
"""How many random sets of edits are tried."""


def again(face: bpy.types.Object, curves: Curves, start: float = FIRST, origin: Origin = SPEECH, **options) -> None:
    bake_onto([face], curves, BakedStrip(origin, stretch_at(start, SECONDS)), **options)


def fresh(curves: Curves, start: float = FIRST, **options) -> bpy.types.Object:
    """A face on which nobody has edited anything."""
    face = make_face("Fresh", KEYS)
    again(face, curves, start, **options)
    return face


def shown(face: bpy.types.Object, key: str = "jawOpen", first: int = FIRST) -> np.ndarray:
    curve = curve_of(face, key)
    return np.array([curve.evaluate(frame) for frame in range(first, first + LAST - FIRST + 1)])


def same(one: bpy.types.Object, other: bpy.types.Object, keys: Sequence[str] = KEYS) -> bool:
    """Bit for bit, but for what is selected."""
    return all(
        keys_of(one, key)[name].tobytes() == keys_of(other, key)[name].tobytes()
        for key in keys
        for name in keys_of(one, key)
        if not name.startswith("select")
    )


def edit(face: bpy.types.Object, key: str = "jawOpen") -> np.ndarray:
    """Change a value, move a key, delete one and add one; returns by how much the curve is another at each frame."""
    before = shown(face, key)
    curve = curve_of(face, key)
    frames = [point.co.x for point in curve.keyframe_points]
    change_value(curve, frames[3], 0.2)
    move_key(curve, frames[len(frames) // 2], 0.4)
    curve.keyframe_points.remove(curve.keyframe_points[len(frames) // 2 + 4])
    curve.keyframe_points.insert(90.25, 0.9)
    curve.update()
    return shown(face, key) - before


def point_at(curve: bpy.types.FCurve, frame: float) -> bpy.types.Keyframe:
    return min(curve.keyframe_points, key=lambda point: abs(point.co.x - frame))


def change_value(curve: bpy.types.FCurve, frame: float, by: float) -> None:
    point_at(curve, frame).co_ui.y += by
    curve.update()


def move_key(curve: bpy.types.FCurve, frame: float, by: float) -> None:
    point_at(curve, frame).co_ui.x += by
    curve.update()


@pytest.fixture
def face() -> bpy.types.Object:
    return make_face(keys=KEYS)


TOLERANCES = pytest.mark.parametrize("tolerance", [0.0, 0.01, 0.05])


@TOLERANCES
def test_nothing_changed_and_nothing_edited_writes_identical_keys(face: bpy.types.Object, tolerance: float) -> None:
    curves = smooth_curves(SECONDS)
    again(face, curves, tolerance=tolerance)
    first = {key: keys_of(face, key) for key in KEYS}
    again(face, curves, tolerance=tolerance)
    for key in KEYS:
        assert all(np.array_equal(keys_of(face, key)[name], first[key][name]) for name in first[key])


@TOLERANCES
def test_nothing_changed_leaves_edited_keys_as_they_are(face: bpy.types.Object, tolerance: float) -> None:
    curves = smooth_curves(SECONDS)
    again(face, curves, tolerance=tolerance)
    edit(face)
    edited = keys_of(face, "jawOpen")
    for _ in range(3):
        again(face, curves, tolerance=tolerance)
        for name in ("co", "interpolation", "handle_left_type", "handle_right_type"):
            assert np.array_equal(keys_of(face, "jawOpen")[name], edited[name]), name


@TOLERANCES
@pytest.mark.parametrize("bakes", [1, 2, 5])
def test_edits_are_there_on_another_performance(face: bpy.types.Object, tolerance: float, bakes: int) -> None:
    again(face, smooth_curves(SECONDS), tolerance=tolerance)
    offset = edit(face)
    for seed in range(1, bakes + 1):
        again(face, smooth_curves(SECONDS, seed), tolerance=tolerance)
    performed = fresh(smooth_curves(SECONDS, bakes), tolerance=tolerance)
    expected = np.clip(shown(performed) + offset, 0, 1)
    np.testing.assert_allclose(shown(face), expected, atol=tolerance + 1e-3)
    assert same(face, performed, ["mouthClose", "browInnerUp"])


@pytest.mark.parametrize(("before", "after"), [(0.0, 0.01), (0.01, 0.0), (0.01, 0.05)])
def test_edits_are_there_at_another_tolerance(face: bpy.types.Object, before: float, after: float) -> None:
    again(face, smooth_curves(SECONDS), tolerance=before)
    offset = edit(face)
    again(face, smooth_curves(SECONDS, 1), tolerance=after)
    expected = np.clip(shown(fresh(smooth_curves(SECONDS, 1), tolerance=after)) + offset, 0, 1)
    np.testing.assert_allclose(shown(face), expected, atol=after + 1e-3)


def test_untouched_keys_follow_the_new_performance_exactly(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    curve = curve_of(face, "jawOpen")
    change_value(curve, 50, 0.2)
    again(face, smooth_curves(SECONDS, 1))
    performed = fresh(smooth_curves(SECONDS, 1))
    mine, theirs = keys_of(face, "jawOpen")["co"], keys_of(performed, "jawOpen")["co"]
    for far in (mine[:, 0] < 40, mine[:, 0] > 60):
        assert far.sum() > 5
        assert {tuple(key) for key in mine[far]} <= {tuple(key) for key in theirs}


def test_a_slider_dragged_a_hundred_times_wears_no_edit_down(face: bpy.types.Object) -> None:
    loud = Curves(np.ones_like(smooth_curves(SECONDS).values), 30.0)
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    for seed in range(100):
        again(face, loud if seed % 2 else smooth_curves(SECONDS, seed))
    again(face, smooth_curves(SECONDS))
    expected = np.clip(shown(fresh(smooth_curves(SECONDS))) + offset, 0, 1)
    np.testing.assert_allclose(shown(face), expected, atol=0.011)


def test_edits_are_there_after_save_and_load(face: bpy.types.Object, tmp_path: Path) -> None:
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    again(bpy.data.objects["Face"], smooth_curves(SECONDS, 1))
    expected = np.clip(shown(fresh(smooth_curves(SECONDS, 1))) + offset, 0, 1)
    np.testing.assert_allclose(shown(bpy.data.objects["Face"]), expected, atol=0.011)


@pytest.mark.parametrize("start", [-60, 12, 60, 300])
def test_edits_move_with_the_strip(face: bpy.types.Object, start: int) -> None:
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    again(face, smooth_curves(SECONDS, 1), start)
    expected = np.clip(shown(fresh(smooth_curves(SECONDS, 1), start), first=start) + offset, 0, 1)
    np.testing.assert_allclose(shown(face, first=start), expected, atol=0.011)
    assert len(keys_of(face, "browInnerUp")["co"]) == len(keys_of(bpy.data.objects["Fresh"], "browInnerUp")["co"])


def test_edits_are_found_where_the_artist_moved_the_keys_along_with_the_strip(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    for key in KEYS:
        for point in curve_of(face, key).keyframe_points:
            point.co_ui.x += 40
        curve_of(face, key).update()
    again(face, smooth_curves(SECONDS), FIRST + 40)
    expected = np.clip(shown(fresh(smooth_curves(SECONDS), FIRST + 40), first=FIRST + 40) + offset, 0, 1)
    np.testing.assert_allclose(shown(face, first=FIRST + 40), expected, atol=0.011)


def test_replace_lets_go_of_all_edits(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    edit(face)
    again(face, smooth_curves(SECONDS, 1), keep_edits=False)
    assert same(face, fresh(smooth_curves(SECONDS, 1)))
    again(face, smooth_curves(SECONDS, 2))
    assert same(face, fresh(smooth_curves(SECONDS, 2)))


def test_the_artists_keys_are_marked_on_the_track(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    change_value(curve_of(face, "jawOpen"), 50, 0.15)
    changed = point_at(curve_of(face, "jawOpen"), 50).co.x
    again(face, smooth_curves(SECONDS, 1))
    marked = [point.co.x for point in curve_of(face, "jawOpen").keyframe_points if point.type == "KEYFRAME"]
    assert marked == [changed]


def test_an_f_curve_that_the_artist_removed_stays_so(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    animation = face.data.shape_keys.animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    bag.fcurves.remove(curve_of(face, "browInnerUp"))
    again(face, smooth_curves(SECONDS, 1))
    assert curve_of(face, "browInnerUp") is None
    again(face, smooth_curves(SECONDS, 1), keep_edits=False)
    assert curve_of(face, "browInnerUp") is not None


def test_where_all_f_curves_were_removed_generate_begins_anew(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    animation = face.data.shape_keys.animation_data
    animation.action.layers[0].strips[0].channelbag(animation.action_slot).fcurves.clear()
    again(face, smooth_curves(SECONDS, 1))
    assert same(face, fresh(smooth_curves(SECONDS, 1)))


def test_another_strip_over_the_same_frames_is_no_edit(face: bpy.types.Object) -> None:
    retake = Origin("Retake", "//retake.wav")
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    again(face, smooth_curves(SECONDS, 1), FIRST + 30, retake)
    change_value(curve_of(face, "browInnerUp"), 130, 0.1)
    again(face, smooth_curves(SECONDS, 2))
    performed = fresh(smooth_curves(SECONDS, 2))
    np.testing.assert_allclose(shown(face), np.clip(shown(performed) + offset, 0, 1), atol=0.011)
    np.testing.assert_allclose(shown(face, "browInnerUp"), shown(performed, "browInnerUp"), atol=1e-5)
    assert keys_of(face, "jawOpen")["co"][-1, 0] == FIRST + 30 + LAST - FIRST


def test_a_renamed_strip_is_known_again(face: bpy.types.Object) -> None:
    again(face, smooth_curves(SECONDS))
    offset = edit(face)
    renamed = Origin("Speech take 2", SPEECH.sound)
    strip = BakedStrip(renamed, stretch_at(FIRST, SECONDS), frozenset({renamed.strip}))
    bake_onto([face], smooth_curves(SECONDS, 1), strip)
    expected = np.clip(shown(fresh(smooth_curves(SECONDS, 1))) + offset, 0, 1)
    np.testing.assert_allclose(shown(face), expected, atol=0.011)


@settings(max_examples=TRIALS, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["value", "move", "delete", "add"]), st.integers(FIRST, LAST), st.integers(-8, 8)),
        min_size=1,
        max_size=6,
    ),
    tolerance=st.sampled_from([0.0, 0.01, 0.05]),
    bakes=st.integers(1, 3),
    start=st.sampled_from([FIRST, FIRST + 7, 400]),
)
def test_any_edits_are_there_and_nothing_else_is_touched(edits, tolerance: float, bakes: int, start: int) -> None:
    face = make_face(keys=KEYS)
    insert_keys(face, "jawOpen", [(-30, 0.3), (-20, 0.7), (300, 0.2), (310, 0.9)])
    insert_keys(face, "browInnerUp", [(FIRST - 5, 0.5)])
    again(face, smooth_curves(SECONDS), tolerance=tolerance)
    before = shown(face)
    curve = curve_of(face, "jawOpen")
    for kind, frame, sixteenths in edits:
        point, amount = point_at(curve, frame), sixteenths / 16
        if kind == "value":
            change_value(curve, frame, amount)
        elif kind == "move" and FIRST < point.co.x + 4 * amount < LAST:
            move_key(curve, frame, 4 * amount)
        elif kind == "delete" and FIRST < point.co.x < LAST:
            curve.keyframe_points.remove(point)
        elif kind == "add":
            curve.keyframe_points.insert(frame + 0.5, 0.5 + amount)
        curve.update()
    offset = shown(face) - before
    outside = {key: _outside(face, key) for key in KEYS}
    for seed in range(1, bakes + 1):
        again(face, smooth_curves(SECONDS, seed), start, tolerance=tolerance)
    performed = fresh(smooth_curves(SECONDS, bakes), start, tolerance=tolerance)
    expected = np.clip(shown(performed, first=start) + offset, 0, 1)
    np.testing.assert_allclose(shown(face, first=start), expected, atol=tolerance + 2e-3)
    assert {key: _outside(face, key) for key in KEYS} == outside
    for made in (face, performed):
        bpy.data.objects.remove(made)


def _outside(face: bpy.types.Object, key: str) -> list[bytes]:
    """All that is stored of the keys that no bake has reached."""
    keys = keys_of(face, key)
    frames = keys["co"][:, 0]
    chosen = (frames < FIRST) | ((frames > 250) & (frames < 350))
    return [keys[name][chosen].tobytes() for name in keys]


def test_all_keys_of_other_f_curves_stay_bit_for_bit(face: bpy.types.Object) -> None:
    other = make_face("Other", ["jawOpen"])
    insert_keys(other, "jawOpen", [(20, 0.3), (50, 0.7)])
    before = all_keys(other)
    again(face, smooth_curves(SECONDS))
    edit(face)
    again(face, smooth_curves(SECONDS, 1))
    for name, array in before["jawOpen"].items():
        assert array.tobytes() == keys_of(other, "jawOpen")[name].tobytes()

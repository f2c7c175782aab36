# SPDX-License-Identifier: GPL-3.0-or-later
"""After a bake: what the panel says of it, its keys moved along with the strip, a new take, the old one kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import bpy
import numpy as np
import pytest

from emotalk_blender.blender.bake import bake_status
from emotalk_blender.blender.bake.bake_record_format import pack
from emotalk_blender.blender.bake.bake_records import find_record
from emotalk_blender.blender.bake.bake_status import edited_keys, is_baked, moved_since_bake
from emotalk_blender.blender.bake.baked_strip import baked_strip
from emotalk_blender.blender.bake.find_previous_bake import find_previous_bake
from emotalk_blender.blender.generate import jobs
from emotalk_blender.blender.sequencer.strips import find_strip

from ...curve_builders import smooth_curves
from ..builders import add_strip, all_keys, curve_of, insert_keys, keys_of, make_face, make_sound, moved_to_library
from .baking import bake_onto, place_of

KEYS = ["jawOpen", "mouthClose", "browInnerUp"]
SECONDS = 4.0
FIRST, LAST = 11, 106
"""Frames of the strip Speech at 24 frames per second."""


def generate(*faces: bpy.types.Object, seed: int = 0, strip: str = "Speech", **options) -> None:
    """Bake a performance of the strip as it lies now, as the button does."""
    bake_onto(faces, smooth_curves(SECONDS, seed), baked_strip(bpy.context.scene, strip), **options)
    bpy.context.view_layer.update()


@pytest.fixture
def strip(scene: bpy.types.Scene, tmp_path: Path) -> bpy.types.SoundStrip:
    """Four seconds from frame 11 on, and picked."""
    strip = add_strip(scene, make_sound(tmp_path / "speech.wav", SECONDS), FIRST)
    scene.emotalk.strip, scene.emotalk.live = "Speech", False
    return strip


@pytest.fixture
def face(strip: bpy.types.SoundStrip) -> bpy.types.Object:
    """A face with a first take."""
    face = make_face(keys=KEYS)
    generate(face)
    return face


def said() -> str:
    """What the panel says about where the strip is."""
    bpy.context.view_layer.update()
    return moved_since_bake(bpy.context)


def edits() -> int:
    """How many edited keys the panel counts."""
    bpy.context.view_layer.update()
    return edited_keys(bpy.context)


def move(strip: bpy.types.SoundStrip, by: int) -> None:
    strip.frame_start += by


def trim(strip: bpy.types.SoundStrip, left: int = 0, right: int = 0) -> None:
    """Cut frames off both ends; below 0, what was cut off comes back."""
    strip.frame_final_start += left
    strip.frame_final_end -= right


def raise_key(face: bpy.types.Object, number: int, by: float = 0.2, key: str = "jawOpen") -> float:
    """Change the value of a key, as an artist does; returns its frame."""
    curve = curve_of(face, key)
    point = curve.keyframe_points[number]
    point.co_ui.y += by if point.co.y < 0.5 else -by
    frame = point.co.x
    curve.update()
    return frame


def shown(face: bpy.types.Object, frames: Sequence[int], key: str = "jawOpen") -> np.ndarray:
    curve = curve_of(face, key)
    return np.array([curve.evaluate(frame) for frame in frames])


def stored(face: bpy.types.Object, selection: bool = True) -> dict[str, bytes]:
    """All keys of a face, bit for bit."""
    return {
        f"{key} {name}": array.tobytes()
        for key, keys in all_keys(face).items()
        for name, array in keys.items()
        if selection or not name.startswith("select")
    }


def frames_of(face: bpy.types.Object, key: str = "jawOpen") -> list[float]:
    return keys_of(face, key)["co"][:, 0].tolist()


def action_of(face: bpy.types.Object) -> bpy.types.Action:
    return face.data.shape_keys.animation_data.action


def take_up(face: bpy.types.Object, action: bpy.types.Action) -> None:
    """Choose an Action, as in Blender's own selector."""
    face.data.shape_keys.animation_data.action = action


# What the panel says


def test_where_nothing_has_changed_nothing_is_said(face: bpy.types.Object) -> None:
    assert (said(), edits(), is_baked(bpy.context)) == ("", 0, True)


def test_before_a_first_take_nothing_is_said(strip: bpy.types.SoundStrip) -> None:
    make_face(keys=KEYS)
    assert (said(), edits(), is_baked(bpy.context)) == ("", 0, False)


@pytest.mark.parametrize(("by", "words"), [(1, "1 frame "), (-1, "-1 frame "), (40, "40 frames "), (-60, "-60 frames")])
def test_a_strip_that_moved_is_said_so(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, by: int, words: str
) -> None:
    move(strip, by)
    assert words in said()
    move(strip, -by)
    assert said() == ""


@pytest.mark.parametrize(("left", "right"), [(8, 0), (0, 8), (8, 8)])
def test_a_strip_that_was_trimmed_is_said_so(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, left: int, right: int
) -> None:
    trim(strip, left, right)
    assert "trimmed" in said()
    trim(strip, -left, -right)
    assert said() == ""


def test_a_strip_that_plays_more_has_to_be_generated(strip: bpy.types.SoundStrip) -> None:
    trim(strip, 8, 8)
    face = make_face(keys=KEYS)
    generate(face)
    assert said() == ""
    trim(strip, -8)
    assert "plays more" in said()
    with pytest.raises(RuntimeError, match=r"plays more.*Generate again"):
        bpy.ops.emotalk.move_keys()
    generate(face)
    assert said() == ""


def test_another_frame_rate_has_to_be_generated(face: bpy.types.Object, scene: bpy.types.Scene) -> None:
    before = stored(face)
    scene.render.fps = 30
    assert "frame rate" in said()
    with pytest.raises(RuntimeError, match=r"frame rate.*Generate again"):
        bpy.ops.emotalk.move_keys()
    assert stored(face) == before
    scene.render.fps = 24
    assert said() == ""


def test_generating_where_the_strip_is_now_settles_it(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    move(strip, 30)
    generate(face)
    assert said() == ""
    move(strip, -30)
    assert "-30 frames" in said()


def test_keys_that_the_artist_moved_along_are_where_the_strip_is(
    face: bpy.types.Object, strip: bpy.types.SoundStrip
) -> None:
    for key in KEYS:
        for point in curve_of(face, key).keyframe_points:
            point.co_ui.x += 40
        curve_of(face, key).update()
    move(strip, 40)
    assert (said(), edits()) == ("", 0)


def test_the_panel_notices_a_bake_that_changes_no_key(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    """The strip is longer than its file: what was trimmed is silence."""
    trim(strip, right=-20)
    assert "plays more" in said()
    generate(face)
    assert said() == ""


def test_the_panel_notices_a_move_that_changes_no_key(strip: bpy.types.SoundStrip) -> None:
    trim(strip, right=-20)
    face = make_face(keys=KEYS)
    generate(face)
    trim(strip, right=10)
    assert "trimmed" in said()
    before = stored(face)
    bpy.ops.emotalk.move_keys()
    assert stored(face) == before
    assert said() == ""


def test_the_panel_is_drawn_anew_where_a_strip_moved(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(bake_status, "redraw_sidebars", lambda: drawn.append(1))
    assert said() == ""
    drawn.clear()
    move(strip, 20)
    bpy.context.view_layer.update()
    assert drawn == [1], "once, and Blender draws only the sequencer by itself"
    bpy.context.view_layer.update()
    assert drawn == [1], "not while nobody looks"


def test_each_edit_of_a_key_counts_once(face: bpy.types.Object) -> None:
    raise_key(face, 3)
    assert edits() == 1
    raise_key(face, 3)
    assert edits() == 1
    curve = curve_of(face, "browInnerUp")
    curve.keyframe_points.remove(curve.keyframe_points[5])
    curve.update()
    assert edits() == 2
    curve.keyframe_points.insert(50.5, 0.9)
    curve.update()
    added = edits() - 2
    assert added in (1, 3)  # Blender shortens the handles of the two keys beside a new one.
    generate(face, seed=1)
    assert edits() == 2 + added
    generate(face, seed=1, keep_edits=False)
    assert edits() == 0


def test_keys_of_the_artists_elsewhere_are_no_edits(face: bpy.types.Object) -> None:
    insert_keys(face, "jawOpen", [(200, 0.4), (-40, 0.2)])
    assert edits() == 0


def test_edits_are_those_of_the_selected_faces_or_else_of_all(face: bpy.types.Object) -> None:
    other = make_face("Other", KEYS)
    generate(other)
    raise_key(face, 3)
    raise_key(other, 3)
    raise_key(other, 6)
    counts = []
    for mine, theirs in ((True, False), (False, True), (True, True), (False, False)):
        face.select_set(mine)
        other.select_set(theirs)
        counts.append(edits())
    assert counts == [1, 2, 3, 3]


def test_edits_are_counted_on_a_curve_with_a_modifier_and_nothing_is_written(face: bpy.types.Object) -> None:
    """A panel that changed anything while it is drawn would break: Blender forbids it."""
    modifier = curve_of(face, "jawOpen").modifiers.new("NOISE")
    modifier.strength = 5
    raise_key(face, 3)
    assert edits() == 1
    writes = []
    bpy.app.handlers.depsgraph_update_post.append(lambda *_: writes.append(1))
    try:
        bpy.context.view_layer.update()
        writes.clear()
        found = find_previous_bake(place_of(face), baked_strip(bpy.context.scene, "Speech"))
        offset = found.edits((curve_of(face, "jawOpen").data_path, 0))
        bpy.context.view_layer.update()
    finally:
        bpy.app.handlers.depsgraph_update_post.pop()
    assert writes == []
    assert np.abs(offset.offsets).max() < 0.25, "the noise is no part of the edit"


def speech() -> bpy.types.SoundStrip:
    return find_strip(bpy.context.scene, "Speech")


def test_a_renamed_strip_is_still_that_of_its_take(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    raise_key(face, 3)
    strip.name = bpy.context.scene.emotalk.strip = "Speech, final"
    assert (said(), edits(), is_baked(bpy.context)) == ("", 1, True)


def test_what_is_said_is_of_the_scene_that_is_looked_at(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    move(strip, 30)
    assert said() != ""
    first, second = bpy.context.scene, bpy.data.scenes.new("Second")
    second.emotalk.strip = "Speech"
    bpy.context.window.scene = second
    assert moved_since_bake(bpy.context) == ""
    bpy.context.window.scene = first
    assert moved_since_bake(bpy.context) != ""


# Move Keys With Strip


@pytest.mark.parametrize("by", [1, -3, 60, 300])
def test_keys_and_edits_move_with_the_strip(face: bpy.types.Object, strip: bpy.types.SoundStrip, by: int) -> None:
    insert_keys(face, "jawOpen", [(-400, 0.3), (-390, 0.7), (800, 0.2)])
    generate(face)
    raise_key(face, 8)
    curve_of(face, "jawOpen").keyframe_points.insert(60.25, 0.9)
    count = edits()
    outside = _outside(face)
    before, values = keys_of(face, "jawOpen"), shown(face, range(FIRST, LAST + 1))
    move(strip, by)
    assert bpy.ops.emotalk.move_keys() == {"FINISHED"}
    after = keys_of(face, "jawOpen")
    inside = (before["co"][:, 0] >= FIRST) & (before["co"][:, 0] <= LAST)
    before["co"][inside, 0] += by
    assert (after["co"] == before["co"]).all()
    for name in ("interpolation", "type", "handle_left_type", "handle_right_type", "easing", "back"):
        assert (after[name] == before[name]).all(), name
    np.testing.assert_allclose(shown(face, range(FIRST + by, LAST + by + 1)), values, atol=1e-5)
    assert _outside(face) == outside
    assert (said(), edits()) == ("", count)
    assert count >= 2


def _outside(face: bpy.types.Object) -> list[bytes]:
    keys = keys_of(face, "jawOpen")
    far = (keys["co"][:, 0] < -100) | (keys["co"][:, 0] > 500)
    assert far.sum() == 3
    return [array[far].tobytes() for array in keys.values()]


def test_once_moved_the_panel_does_not_tell_the_frames_of_before(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.state, "message", "Frames 1 to 24 baked")
    move(strip, 20)
    said()
    bpy.ops.emotalk.move_keys()
    assert jobs.state.message == ""


def test_there_and_back_all_keys_are_as_before(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    raise_key(face, 8)
    before = stored(face, selection=False)
    for by in (64, -64):
        move(strip, by)
        bpy.ops.emotalk.move_keys()
    assert {name: keys for name, keys in stored(face, selection=False).items() if "handle" not in name} == {
        name: keys for name, keys in before.items() if "handle" not in name
    }
    assert edits() == 1


def test_generate_after_a_move_keeps_the_edits(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    untouched = shown(face, range(FIRST, LAST + 1))
    raise_key(face, 8)
    offset = shown(face, range(FIRST, LAST + 1)) - untouched
    move(strip, 40)
    bpy.ops.emotalk.move_keys()
    there = range(FIRST + 40, LAST + 41)
    generate(face)
    np.testing.assert_allclose(shown(face, there), untouched + offset, atol=1e-4)
    generate(face, seed=1)
    fresh = make_face("Fresh", KEYS)
    generate(fresh, seed=1)
    np.testing.assert_allclose(shown(face, there), np.clip(shown(fresh, there) + offset, 0, 1), atol=0.011)
    assert np.abs(offset).max() > 0.15


def test_moved_keys_of_nobody_follow_the_next_performance_exactly(
    face: bpy.types.Object, strip: bpy.types.SoundStrip
) -> None:
    move(strip, 40)
    bpy.ops.emotalk.move_keys()
    generate(face, seed=1)
    fresh = make_face("Fresh", KEYS)
    generate(fresh, seed=1)
    assert stored(face, selection=False) == stored(fresh, selection=False)


@pytest.mark.parametrize(("left", "right"), [(9, 0), (0, 13), (9, 13)])
@pytest.mark.parametrize("by", [0, 50])
def test_keys_of_sound_that_was_trimmed_away_are_cut_off(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, left: int, right: int, by: int
) -> None:
    values = shown(face, range(FIRST, LAST + 1))
    trim(strip, left, right)
    move(strip, by)
    assert bpy.ops.emotalk.move_keys() == {"FINISHED"}
    for key in KEYS:
        assert frames_of(face, key)[0] == FIRST + left + by
        assert frames_of(face, key)[-1] == LAST - right + by
    rest = values[left : len(values) - right]
    # At a cut the curve has a key with handles of Blender's, which may bend the one segment there.
    off = np.abs(shown(face, range(FIRST + left + by, LAST - right + by + 1)) - rest)
    assert off[8:-8].max() < 1e-5
    assert max(off[0], off[-1]) < 1e-5
    assert (said(), edits()) == ("", 0)


def test_edits_that_were_cut_off_are_back_once_the_strip_is_long_again(
    face: bpy.types.Object, strip: bpy.types.SoundStrip
) -> None:
    everywhere = range(FIRST, LAST + 1)
    untouched = shown(face, everywhere)
    raise_key(face, 1)
    offset = shown(face, everywhere) - untouched
    trim(strip, 40)
    bpy.ops.emotalk.move_keys()
    trim(strip, -40)
    assert "plays more" in said()
    generate(face)
    np.testing.assert_allclose(shown(face, everywhere), untouched + offset, atol=0.011)
    assert edits() == 1


def test_a_strip_that_was_trimmed_and_grew_at_the_other_end_is_not_settled_by_a_move(
    strip: bpy.types.SoundStrip,
) -> None:
    trim(strip, right=20)
    face = make_face(keys=KEYS)
    generate(face)
    trim(strip, 10, -20)
    bpy.ops.emotalk.move_keys()
    assert (frames_of(face)[0], frames_of(face)[-1]) == (FIRST + 10, LAST - 20)
    assert "plays more" in said()


def test_nothing_is_left_of_a_strip_that_plays_another_part(
    face: bpy.types.Object, strip: bpy.types.SoundStrip
) -> None:
    trim(strip, right=60)
    generate(face)
    before = stored(face)
    trim(strip, right=-60)
    trim(strip, left=60)
    with pytest.raises(RuntimeError, match="Generate again"):
        bpy.ops.emotalk.move_keys()
    assert stored(face) == before


def test_all_faces_move_or_none(face: bpy.types.Object, strip: bpy.types.SoundStrip, scene: bpy.types.Scene) -> None:
    other = make_face("Other", KEYS)
    scene.render.fps = 30
    generate(other)
    scene.render.fps = 24
    move(strip, 10)
    before = [stored(face), stored(other)]
    with pytest.raises(RuntimeError, match="frame rate"):
        bpy.ops.emotalk.move_keys()
    assert [stored(face), stored(other)] == before


def test_only_the_selected_faces_move(face: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    other = make_face("Other", KEYS)
    generate(other)
    face.select_set(False)
    move(strip, 30)
    before = stored(face)
    bpy.ops.emotalk.move_keys()
    assert stored(face) == before
    assert frames_of(other)[0] == FIRST + 30
    assert said() == ""
    other.select_set(False)
    assert "30 frames" in said()


def test_keys_on_the_frames_where_they_go_are_replaced_and_the_others_edits_remembered(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, tmp_path: Path
) -> None:
    add_strip(bpy.context.scene, make_sound(tmp_path / "other.wav", SECONDS, seed=1), 201, "Retake")
    generate(face, seed=5, strip="Retake")
    untouched = shown(face, range(201, 297))
    frames = np.array(frames_of(face))
    assert 201 < raise_key(face, int(np.searchsorted(frames, 220))) < 240
    offset = shown(face, range(201, 297)) - untouched
    move(strip, 150)  # to 161 .. 256
    bpy.ops.emotalk.move_keys()
    assert frames_of(face)[0] == 161
    move(strip, 800)
    bpy.ops.emotalk.move_keys()
    generate(face, seed=5, strip="Retake")
    np.testing.assert_allclose(shown(face, range(201, 297)), untouched + offset, atol=0.011)


def test_keys_of_a_strip_that_was_baked_over_stay_where_they_are(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, tmp_path: Path
) -> None:
    before = {key: keys_of(face, key)["co"].copy() for key in KEYS}
    add_strip(bpy.context.scene, make_sound(tmp_path / "other.wav", SECONDS, seed=1), 51, "Retake")
    generate(face, seed=5, strip="Retake")
    theirs = {key: _part(face, key, 51, 146) for key in KEYS}
    move(strip, 300)
    bpy.ops.emotalk.move_keys()
    for key in KEYS:
        assert _part(face, key, 51, 146) == theirs[key]
        assert (np.array(_part(face, key, 300, 500)) == before[key] + [300, 0]).all()
    assert (said(), edits()) == ("", 0)


def _part(face: bpy.types.Object, key: str, first: int, last: int) -> list[list[float]]:
    points = keys_of(face, key)["co"]
    return points[(points[:, 0] >= first) & (points[:, 0] <= last)].tolist()


def test_a_trimmed_strip_cuts_no_keys_that_another_was_baked_over(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, tmp_path: Path
) -> None:
    add_strip(bpy.context.scene, make_sound(tmp_path / "other.wav", SECONDS, seed=1), 51, "Retake")
    generate(face, seed=5, strip="Retake")
    theirs = {key: _part(face, key, 51, 146) for key in KEYS}
    trim(strip, 10, 10)
    bpy.ops.emotalk.move_keys()
    for key in KEYS:
        assert _part(face, key, 51, 146) == theirs[key]
        assert frames_of(face, key)[0] == FIRST + 10
    assert (said(), edits()) == ("", 0)
    assert find_record(place_of(face), "Speech").covered == ((51, LAST - 10),)


def test_a_strip_baked_over_again_and_again_is_remembered_once(face: bpy.types.Object, tmp_path: Path) -> None:
    add_strip(bpy.context.scene, make_sound(tmp_path / "other.wav", SECONDS, seed=1), 51, "Retake")
    for seed in range(4):
        generate(face, seed=seed, strip="Retake")
    assert find_record(place_of(face), "Speech").covered == ((51, LAST),)


def test_an_f_curve_that_the_artist_removed_is_not_made_again_by_a_move(
    face: bpy.types.Object, strip: bpy.types.SoundStrip
) -> None:
    animation = face.data.shape_keys.animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    bag.fcurves.remove(curve_of(face, "browInnerUp"))
    move(strip, 40)
    bpy.ops.emotalk.move_keys()
    generate(face, seed=1)
    assert curve_of(face, "browInnerUp") is None
    assert frames_of(face)[0] == FIRST + 40


def test_move_keys_is_grey_with_a_reason(face: bpy.types.Object) -> None:
    with pytest.raises(RuntimeError, match="The keys are where the strip is"):
        bpy.ops.emotalk.move_keys()


def test_edits_stay_when_their_shape_key_gets_another_name(face: bpy.types.Object) -> None:
    frame = raise_key(face, 5)
    before = shown(face, [round(frame)])
    face.data.shape_keys.key_blocks["jawOpen"].name = "Jaw_Open"
    assert edits() == 1
    generate(face)
    assert shown(face, [round(frame)], "Jaw_Open") == before
    generate(face, seed=1)
    assert edits() == 1


@pytest.mark.parametrize("operator", ["move_keys", "new_take"])
def test_what_could_not_be_undone_is_grey(face: bpy.types.Object, strip: bpy.types.SoundStrip, operator: str) -> None:
    move(strip, 5)
    assert getattr(bpy.ops.emotalk, operator).poll()
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match="Switch to Object Mode"):
        getattr(bpy.ops.emotalk, operator)()


# New Take


def test_a_new_take_leaves_the_old_one_as_it_is(face: bpy.types.Object) -> None:
    old, before = action_of(face), stored(face)
    memory = find_record(place_of(face), "Speech")
    old.use_fake_user = False
    assert bpy.ops.emotalk.new_take() == {"FINISHED"}
    new = action_of(face)
    assert new != old
    assert stored(face) == before
    assert old.use_fake_user
    raise_key(face, 4)
    generate(face, seed=1)
    generate(face, seed=2)
    assert stored(face) != before
    take_up(face, old)
    assert stored(face) == before
    assert pack(find_record(place_of(face), "Speech")) == pack(memory)
    assert edits() == 0


def test_each_take_keeps_its_own_edits(face: bpy.types.Object) -> None:
    everywhere = range(FIRST, LAST + 1)
    untouched = shown(face, everywhere)
    old = action_of(face)
    raise_key(face, 4)
    first = shown(face, everywhere) - untouched
    bpy.ops.emotalk.new_take()
    new = action_of(face)
    raise_key(face, 14)
    both = shown(face, everywhere) - untouched
    fresh = make_face("Fresh", KEYS)
    for seed in (1, 2):
        generate(fresh, seed=seed)
        for action, offset, count in ((new, both, 2), (old, first, 1)):
            take_up(face, action)
            generate(face, seed=seed)
            face.select_set(True)
            fresh.select_set(False)
            assert edits() == count
            np.testing.assert_allclose(
                shown(face, everywhere), np.clip(shown(fresh, everywhere) + offset, 0, 1), atol=0.011
            )
    assert np.abs(both - first).max() > 0.15


def test_a_take_keeps_its_edits_through_save_and_load(face: bpy.types.Object, tmp_path: Path) -> None:
    raise_key(face, 4)
    bpy.context.view_layer.update()
    old, before = action_of(face).name, stored(face)
    bpy.ops.emotalk.new_take()
    generate(face, seed=1)
    path = str(tmp_path / "shot.blend")
    for _ in range(2):  # what nobody uses is gone at the second time
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
    face = bpy.data.objects["Face"]
    take_up(face, bpy.data.actions[old])
    assert stored(face) == before
    generate(face)
    assert edits() == 1


def test_all_that_share_an_action_follow_to_the_new_take(face: bpy.types.Object) -> None:
    teeth, tongue = make_face("Teeth", KEYS), make_face("Tongue", KEYS)
    generate(teeth)
    body = bpy.data.objects.new("Body", None)
    bpy.context.scene.collection.objects.link(body)
    stranger = make_face("Stranger", KEYS)
    insert_keys(stranger, "jawOpen", [(1, 0.5)])
    old = action_of(face)
    for owner, kind in ((tongue.data.shape_keys, "KEY"), (body, "OBJECT")):
        animation = owner.animation_data_create()
        animation.action = old
        animation.action_slot = old.slots.new(kind, owner.name)
    assert action_of(teeth) == old
    slots = {owner.name: owner.animation_data.action_slot.identifier for owner in _owners(face, teeth, tongue, body)}
    theirs = action_of(stranger)
    for other in (teeth, tongue, body, stranger):
        other.select_set(False)
    face.select_set(True)
    bpy.ops.emotalk.new_take()
    new = action_of(face)
    assert new != old
    for owner in _owners(face, teeth, tongue, body):
        assert owner.animation_data.action == new
        assert owner.animation_data.action_slot.identifier == slots[owner.name]
    assert action_of(stranger) == theirs


def _owners(*objects: bpy.types.Object) -> list[bpy.types.ID]:
    return [face.data.shape_keys if face.data else face for face in objects]


def test_a_mesh_that_joins_later_joins_the_newest_take(face: bpy.types.Object) -> None:
    old = action_of(face)
    bpy.ops.emotalk.new_take()
    joined = make_face("Teeth", KEYS)
    generate(joined)
    assert action_of(joined) == action_of(face) != old


def test_a_take_of_a_linked_action_is_a_copy_in_this_file(face: bpy.types.Object, tmp_path: Path) -> None:
    before = stored(face)
    take_up(face, moved_to_library(action_of(face), tmp_path))
    bpy.context.view_layer.update()
    bpy.ops.emotalk.new_take()
    assert action_of(face).library is None
    assert stored(face) == before
    generate(face, seed=1)
    assert stored(face) != before


def test_keys_in_a_linked_action_are_not_moved(
    face: bpy.types.Object, strip: bpy.types.SoundStrip, tmp_path: Path
) -> None:
    before = stored(face)
    take_up(face, moved_to_library(action_of(face), tmp_path))
    move(strip, 20)
    with pytest.raises(RuntimeError, match="linked from another file"):
        bpy.ops.emotalk.move_keys()
    assert stored(face) == before


def test_new_take_is_grey_before_a_first_one(strip: bpy.types.SoundStrip) -> None:
    make_face(keys=KEYS)
    with pytest.raises(RuntimeError, match="Generate a first take"):
        bpy.ops.emotalk.new_take()


# Undo


@pytest.fixture
def undoable(face: bpy.types.Object) -> bpy.types.Object:
    """A face with an edit, and undo switched on."""
    bpy.context.preferences.edit.use_global_undo = True
    raise_key(face, 4)
    bpy.ops.ed.undo_push(message="Edit")
    return face


def now() -> bpy.types.Object:
    """The face after an undo: all that was held before is gone."""
    return bpy.data.objects["Face"]


def test_one_undo_takes_a_generate_back_with_what_it_remembers(undoable: bpy.types.Object) -> None:
    before = stored(undoable)
    generate(undoable, seed=1)
    after = stored(undoable)
    bpy.ops.ed.undo_push(message="Generate")
    bpy.ops.ed.undo()
    assert stored(now()) == before
    assert edits() == 1
    bpy.ops.ed.redo()
    assert stored(now()) == after
    assert edits() == 1
    bpy.ops.ed.undo()
    generate(now(), seed=1)
    assert stored(now()) == after


def test_one_undo_takes_moved_keys_back(undoable: bpy.types.Object, strip: bpy.types.SoundStrip) -> None:
    move(strip, 40)
    bpy.ops.ed.undo_push(message="Move Strip")
    before = stored(undoable)
    bpy.ops.emotalk.move_keys("EXEC_DEFAULT", True)
    after = stored(undoable)
    assert said() == ""
    bpy.ops.ed.undo()
    assert "40 frames" in moved_since_bake(bpy.context)
    assert stored(now()) == before
    bpy.ops.ed.redo()
    assert (moved_since_bake(bpy.context), edited_keys(bpy.context)) == ("", 1)
    assert stored(now()) == after


def test_one_undo_takes_a_new_take_back(undoable: bpy.types.Object) -> None:
    before, name = stored(undoable), action_of(undoable).name
    bpy.ops.emotalk.new_take("EXEC_DEFAULT", True)
    new = action_of(undoable).name
    bpy.ops.ed.undo()
    assert action_of(now()).name == name
    assert new not in bpy.data.actions
    assert stored(now()) == before
    bpy.ops.ed.redo()
    assert action_of(now()).name == new
    generate(now(), seed=1)
    take_up(now(), bpy.data.actions[name])
    assert stored(now()) == before
    assert edits() == 1

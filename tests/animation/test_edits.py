# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's edits of one curve are carried to new performances: what holds for any edits and any performances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.animation import edit_carrying, edit_finding
from emotalk_blender.animation.edits import (
    Baked,
    Edits,
    Fit,
    NewPerformance,
    carry_edits,
    count,
    find_edits,
    keys_from_words,
    keys_to_words,
    same_keys,
)
from emotalk_blender.animation.keys import HandleType, Interpolation, KeyType, evaluate, shifted
from emotalk_blender.animation.reduction import reduce_keys

from .artist import (
    Shot,
    Stroke,
    as_they_are,
    baked_again,
    carried,
    edited,
    edits_of,
    performance,
    performed_keys,
    shot,
    strokes,
)

quick = settings(max_examples=50, deadline=None)
seeds = st.integers(0, 10_000)
lengths = st.integers(1, 60)
tolerances = st.sampled_from([0.0, 0.003, 0.01, 0.05])
ROUNDING = 3e-5


def but_for_type(keys):
    keys = keys.copy()
    keys["type"] = 0
    return keys


def same_edits(one: Edits, other: Edits) -> bool:
    pairs = zip(one.to_arrays().values(), other.to_arrays().values(), strict=True)
    return all(first.tobytes() == second.tobytes() for first, second in pairs)


def target_of(performed, edits, frames):
    return np.clip(evaluate(performed, frames) + edits.at(frames), 0, 1)


def seen(keys, frames):
    """What a slider from 0 to 1 shows."""
    return np.clip(evaluate(keys, frames), 0, 1)


def on_own_key(edits: Edits, frames):
    own = edits.placed_keys()["co"][:, 0]
    return np.array([len(own) > 0 and np.abs(own - frame).min() < 0.02 for frame in frames], bool)


# Without edits


@quick
@given(seeds, seeds, lengths, tolerances, tolerances)
def test_untouched_keys_become_the_new_performance_bit_for_bit(seed, other, length, tolerance, new_tolerance):
    scene = shot(seed, length, [], tolerance)
    performed = performed_keys(other, length, new_tolerance)
    baked = baked_again(scene, performed, new_tolerance)
    assert same_keys(baked.written, performed)
    assert not baked.edits and count(baked.edits) == 0


# The same performance


@quick
@given(seeds, lengths, tolerances, strokes)
def test_generating_again_gives_the_same_keys_and_marks_the_artists(seed, length, tolerance, doings):
    scene = shot(seed, length, doings, tolerance)
    once = baked_again(scene, scene.baked.performed)
    assert same_keys(but_for_type(once.written), but_for_type(scene.current))
    own = np.isin(once.written["co"][:, 0], once.edits.keys["co"][:, 0])
    assert (once.written["type"][own] != KeyType.GENERATED).all()
    twice = baked_again(Shot(once, once.written, scene.frames, scene.fit), once.performed)
    assert same_keys(twice.written, once.written) and same_edits(twice.edits, once.edits)


# Another performance


@quick
@given(seeds, seeds, lengths, tolerances, tolerances, strokes)
def test_the_curve_is_the_new_performance_plus_the_edits(seed, other, length, tolerance, new_tolerance, doings):
    scene = shot(seed, length, doings, tolerance)
    performed = performed_keys(other, length, new_tolerance)
    baked = baked_again(scene, performed, new_tolerance)
    target = target_of(performed, baked.edits, scene.frames)
    off = np.abs(seen(baked.written, scene.frames) - target)
    assert off.max() <= new_tolerance + ROUNDING
    assert (np.diff(baked.written["co"][:, 0]) >= 0.01).all()
    if new_tolerance == 0:
        assert np.isin(scene.frames, baked.written["co"][:, 0]).all() or off.max() < ROUNDING


@quick
@given(seeds, seeds, lengths, tolerances, strokes)
def test_outside_of_the_edited_stretches_keys_are_the_new_performance(seed, other, length, tolerance, doings):
    scene = shot(seed, length, doings)
    performed = performed_keys(other, length, tolerance)
    baked = baked_again(scene, performed, tolerance)
    keys = performed["co"][:, 0]
    outside = np.ones(len(performed), bool)
    for first, last in baked.edits.spans():  # widened to whole segments
        begin = keys[keys <= first].max(initial=keys[0])
        end = keys[keys >= last].min(initial=keys[-1])
        at_end = (keys == keys[0]) & (first <= keys[0]) | (keys == keys[-1]) & (last >= keys[-1])
        outside &= ~((keys > begin) & (keys < end) | at_end)
    written = {key.tobytes() for key in baked.written}
    assert all(key.tobytes() in written for key in performed[outside])


@quick
@given(seeds, seeds, lengths, tolerances, strokes)
def test_the_artists_keys_stay_on_their_frames_with_all_they_are(seed, other, length, tolerance, doings):
    scene = shot(seed, length, doings)
    performed = performed_keys(other, length, tolerance)
    baked = baked_again(scene, performed, tolerance)
    own = baked.edits.keys
    place = np.searchsorted(baked.written["co"][:, 0], own["co"][:, 0])
    carried = baked.written[place]
    for name in ("handle_left_type", "handle_right_type", "interpolation", "easing", "back"):
        assert (carried[name] == own[name]).all()
    assert (carried["co"][:, 0] == own["co"][:, 0]).all()
    assert (carried["type"] != KeyType.GENERATED).all()
    lift = evaluate(performed, own["co"][:, 0]) - evaluate(scene.baked.performed, own["co"][:, 0])
    expected = np.clip(own["co"][:, 1] + lift, 0, 1)
    untouched = np.abs(lift) < 1e-4
    assert np.allclose(carried["co"][~untouched, 1], expected[~untouched], atol=ROUNDING)


@quick
@given(seeds, st.lists(st.tuples(seeds, tolerances), min_size=1, max_size=5), lengths, strokes)
def test_edits_do_not_wear_off(seed, others, length, doings):
    """After any performances, strong and weak, the old one brings back what the artist saw, and no number changed."""
    scene = shot(seed, length, doings)
    baked, first = scene.baked, None
    current = scene.current
    for other, tolerance in others:
        performed = performed_keys(other, length, tolerance, strength=1 + other % 3)
        baked = baked_again(Shot(baked, current, scene.frames, Fit(tolerance)), performed)
        current = baked.written
        first = first or baked
        assert same_edits(baked.edits, first.edits)
    back = baked_again(Shot(baked, current, scene.frames, scene.fit), scene.baked.performed)
    assert same_edits(back.edits, first.edits)
    shown = np.clip(scene.shown, 0, 1)
    assert np.abs(seen(back.written, scene.frames) - shown).max() <= scene.fit.tolerance + ROUNDING
    own = np.isin(back.written["co"][:, 0], scene.current["co"][:, 0])
    assert own.sum() >= len(back.edits.keys)


@quick
@given(seeds, seeds, seeds, lengths, tolerances, strokes, strokes)
def test_edits_upon_edits(seed, second, third, length, tolerance, doings, more):
    """Edits made after a new performance join those made before it."""
    scene = shot(seed, length, doings)
    once = baked_again(scene, performed_keys(second, length, tolerance), tolerance)
    current = edited(once.written, more)
    shown = evaluate(current, scene.frames)
    edits = find_edits(once, current, scene.frames, shown)
    now = target_of(once.performed, edits, scene.frames)
    assert np.abs(now - np.clip(shown, 0, 1)).max() <= tolerance + ROUNDING
    performed = performed_keys(third, length, 0.01)
    keys = carried(edits, performed, scene.frames)
    target = target_of(performed, edits, scene.frames)
    # A key of a stretch that was only touched in passing may be off by what the earlier bake was.
    assert np.abs(seen(keys, scene.frames) - target).max() <= max(0.01, tolerance) + ROUNDING
    own = edits.placed_keys()["co"][:, 0]
    assert np.isin(own, keys["co"][:, 0]).all()


@quick
@given(seeds, seeds, lengths, tolerances, strokes)
def test_values_stay_within_the_slider(seed, other, length, tolerance, doings):
    scene = shot(seed, length, doings)
    performed = performed_keys(other, length, tolerance)
    edits = edits_of(scene)
    keys = carried(edits, performed, scene.frames, tolerance)
    verbatim = np.isin(keys["co"], scene.current["co"]).all(axis=1)
    values = keys["co"][~verbatim, 1]
    assert (values >= 0).all() and (values <= 1).all()


# On the timeline


@quick
@given(seeds, seeds, lengths, strokes, st.integers(-3000, 3000), tolerances)
def test_a_moved_strip_takes_its_edits_along(seed, other, length, doings, by, tolerance):
    scene = shot(seed, length, doings)
    edits = edits_of(scene)
    moved = edits.shifted(by)
    performed = shifted(performed_keys(other, length, tolerance), by)
    frames = scene.frames + by
    assert np.array_equal(moved.at(frames), edits.at(scene.frames))
    keys = carried(moved, performed, frames, tolerance)
    assert np.abs(seen(keys, frames) - target_of(performed, moved, frames)).max() <= tolerance + ROUNDING
    assert np.isin(edits.keys["co"][:, 0] + by, keys["co"][:, 0]).all()
    assert same_edits(moved.shifted(-by), edits)


@quick
@given(seeds, st.integers(8, 60), strokes, st.integers(0, 30), st.integers(0, 30))
def test_edits_beyond_a_trimmed_strip_wait_there(seed, length, doings, left, right):
    scene = shot(seed, length, doings)
    edits = edits_of(scene)
    first, last = min(left, length - 2), max(length - right, min(left, length - 2) + 1)
    where, values = performance(seed, length)
    part = where[first:last]
    performed = reduce_keys(part, values[first:last, None], 0.01)[0]
    keys = carried(edits, performed, part)
    target = target_of(performed, edits, part)
    assert np.abs(seen(keys, part) - target).max() <= 0.01 + ROUNDING
    assert keys["co"][0, 0] >= part[0] - 0.01 and keys["co"][-1, 0] <= part[-1] + 0.01
    # Somebody looks at it, then draws the strip out again.
    baked = Baked(performed, keys, edits)
    assert same_edits(find_edits(baked, keys, part, evaluate(keys, part)), edits)
    whole = carried(edits, scene.baked.performed, scene.frames)
    assert np.abs(seen(whole, scene.frames) - np.clip(scene.shown, 0, 1)).max() <= 0.01 + ROUNDING


@quick
@given(seeds, lengths, strokes, st.sampled_from([30 / 24, 24 / 30, 60 / 24, 25 / 24]), st.floats(-100, 100))
def test_another_frame_rate_moves_edits_with_the_sound(seed, length, doings, by, about):
    scene = shot(seed, length, doings)
    edits = edits_of(scene)
    scaled = edits.rescaled(about, by)
    old = scene.frames.astype(float)
    assert np.allclose(scaled.at(about + by * (old - about)), edits.at(old), atol=1e-3)
    assert count(scaled) == count(edits)
    back = scaled.rescaled(about, 1 / by)
    assert same_edits(back, edits) or (abs(back.start - edits.start) < 1e-6 and abs(back.step - 1) < 1e-9)
    first, last = np.round(about + by * (old[[0, -1]] - about)).astype(int)
    where = np.arange(first, max(last, first) + 1)
    performed = performed_keys(seed + 1, len(where), 0.01, first)
    keys = carried(scaled, performed, where)
    assert (np.diff(keys["co"][:, 0]) >= 0.01).all()
    off = np.abs(seen(keys, where) - target_of(performed, scaled, where))
    off[on_own_key(scaled, where)] = 0  # own keys go to whole frames
    assert off.max() <= 0.01 + ROUNDING


# Counting and keeping


def test_each_edit_is_counted_once():
    scene = shot(3, 60, [])
    keys = scene.baked.performed
    assert len(keys) > 12
    current = keys.copy()
    current["co"][2, 1] += 0.1
    current["co"][5, 0] += 1 if keys["co"][6, 0] - keys["co"][5, 0] > 1.5 else -1
    current["type"][8] = KeyType.EXTREME
    current = np.delete(current, 10)
    changed = find_edits(scene.baked, current, scene.frames, evaluate(current, scene.frames))
    assert count(changed) == 4


def test_what_only_blender_changes_is_no_edit():
    """Selecting is not in the keys; automatic handles, and the alignment of others, are Blender's."""
    scene = shot(3, 60, [])
    current = scene.baked.written.copy()
    current["handle_left"][1:-1] += np.float32(2e-6)
    assert not find_edits(scene.baked, current, scene.frames, scene.shown)
    dense = shot(3, 60, [], tolerance=0)
    current = dense.baked.written.copy()
    current["handle_left"][:, 1] += 0.2
    assert not find_edits(dense.baked, current, dense.frames, dense.shown)


def test_a_new_key_type_offsets_nothing():
    scene = shot(3, 60, [Stroke("type", 0.5, -1)])
    edits = edits_of(scene)
    assert count(edits) == 1
    assert not edits.at(scene.frames).any()


def test_a_deleted_key_stays_deleted_where_the_performance_only_grows():
    frames, values = np.arange(1, 22), np.full(21, 0.2, np.float32)
    values[10] = 0.6
    performed = reduce_keys(frames, values[:, None], 0.01)[0]
    peak = np.flatnonzero(performed["co"][:, 0] == 11)
    current = np.delete(performed, peak)
    baked = Baked(performed, performed)
    higher = reduce_keys(frames, values[:, None] + np.float32(0.1), 0.01)[0]
    new = baked_again(Shot(baked, current, frames, Fit(0.01)), higher)
    assert 11 not in new.written["co"][:, 0]
    assert np.abs(evaluate(new.written, frames) - evaluate(current, frames) - 0.1).max() < 0.01 + ROUNDING
    assert count(new.edits) == 1


def test_a_clipped_edit_comes_back_when_there_is_room():
    frames = np.arange(1, 42)

    def level(value):
        bump = np.exp(-(((frames - 21) / 6) ** 2))
        return reduce_keys(frames, (value * bump).astype(np.float32)[:, None], 0.01)[0]

    performed = level(0.5)
    current = performed.copy()
    peak = np.flatnonzero(current["co"][:, 0] == 21)[0]
    for name in ("co", "handle_left", "handle_right"):
        current[name][peak, 1] += 0.3
    baked = Baked(performed, performed)
    for strength in (0.9, 1.0, 0.9):
        baked = baked_again(Shot(baked, current, frames, Fit(0.01)), level(strength))
        current = baked.written
        assert evaluate(current, [21])[0] == 1
    baked = baked_again(Shot(baked, current, frames, Fit(0.01)), level(0.4))
    assert evaluate(baked.written, [21])[0] == pytest.approx(0.7, abs=1e-4)


def test_an_edit_at_the_very_end_fades_when_the_strip_grows():
    scene = shot(3, 30, [Stroke("value", 0.0, 0.8)])
    edits = edits_of(scene)
    before = edits.at(np.arange(-10, 2))
    assert before[0] == 0 and before[-1] == pytest.approx(0.4, abs=1e-5)
    assert (np.diff(before) >= 0).all() and np.diff(before).max() < 0.15


@quick
@given(seeds, lengths, strokes)
def test_edits_are_stored_as_plain_numbers(seed, length, doings):
    edits = edits_of(shot(seed, length, doings)).shifted(12)
    arrays = edits.to_arrays()
    assert all(array.dtype.kind in "if" for array in arrays.values())
    assert same_edits(Edits.from_arrays(arrays), edits)
    lists = {name: array.ravel().tolist() for name, array in arrays.items()}
    assert same_edits(Edits.from_arrays(lists), edits)
    assert same_keys(keys_from_words(keys_to_words(edits.keys).tolist()), edits.keys)


@pytest.mark.parametrize("name", ["stretches", "offsets", "keys", "base"])
def test_damaged_numbers_are_refused(name):
    arrays = edits_of(shot(3, 40, [Stroke("value", 0.5, 0.5)])).to_arrays()
    with pytest.raises(ValueError):
        Edits.from_arrays({**arrays, name: arrays[name].ravel()[:-1]})


# What Blender sets itself


def test_handles_that_blender_sets_are_asked_for():
    """Blender has the last word on automatic handles; keys are added until the curve is right."""
    scene = shot(3, 40, [Stroke("value", 0.5, 0.8)])
    current = scene.current.copy()
    own = np.flatnonzero(current["co"][:, 1] != scene.baked.written["co"][:, 1])
    current["handle_left_type"][own] = current["handle_right_type"][own] = HandleType.AUTO
    calls = []

    def written_by_blender(keys):
        calls.append(len(keys))
        keys = keys.copy()
        auto = keys["handle_left_type"] == HandleType.AUTO
        keys["handle_right"][auto] = keys["co"][auto] + np.float32([3, 0.9])
        return keys

    edits = find_edits(scene.baked, current, scene.frames, evaluate(written_by_blender(current), scene.frames))
    performed = performed_keys(4, 40)
    keys = carry_edits(edits, NewPerformance(performed, scene.frames, Fit(0.01)), written_by_blender).written
    assert same_keys(written_by_blender(keys), keys)
    assert np.abs(seen(keys, scene.frames) - target_of(performed, edits, scene.frames)).max() <= 0.01 + ROUNDING
    assert calls


def test_a_step_stays_a_step():
    scene = shot(3, 40, [])
    current = scene.baked.performed.copy()
    middle = len(current) // 2
    current["interpolation"][middle] = Interpolation.CONSTANT
    edits = find_edits(scene.baked, current, scene.frames, evaluate(current, scene.frames))
    keys = carried(edits, scene.baked.performed, scene.frames)
    assert same_keys(but_for_type(keys), but_for_type(current))


# Where there is little to do


def test_a_curve_whose_keys_were_all_deleted_stays_empty():
    scene = shot(3, 40, [])
    none = scene.baked.performed[:0]
    edits = find_edits(scene.baked, none, scene.frames, np.full(40, 0.3, np.float32))
    assert count(edits) == len(scene.baked.performed)
    performed = performed_keys(4, 40)
    keys = carried(edits, performed, scene.frames)
    assert len(keys) == 0
    again_and_back = Edits.from_arrays(edits.to_arrays())
    assert len(carried(again_and_back, performed, scene.frames)) == 0
    # The artist makes keys of their own: these are edits as any others.
    own = performed_keys(5, 40, 0.2)
    own["type"] = KeyType.KEYFRAME
    more = find_edits(Baked(performed, keys, edits), own, scene.frames, evaluate(own, scene.frames))
    keys = carried(more, performed_keys(6, 40), scene.frames)
    assert np.isin(own["co"][:, 0], keys["co"][:, 0]).all()


@quick
@given(seeds, st.floats(0, 1), st.integers(-50, 50))
def test_a_performance_that_changes_elsewhere_leaves_an_edited_stretch_bit_for_bit(seed, where, amount):
    scene = shot(seed, 120, [Stroke("value", where / 2, amount / 100), Stroke("delete", where / 2, 0)])
    frames, values = performance(seed, 120)
    _, other = performance(seed + 1, 120)
    values[90:] = other[90:]
    (performed,) = reduce_keys(frames, values[:, None], 0.01)
    baked = baked_again(scene, performed)
    edited_last = max(baked.edits.spans()[:, 1], default=0)
    if edited_last < 80 and len(baked.edits.keys):
        early = baked.written["co"][:, 0] <= edited_last
        then = scene.current["co"][:, 0] <= edited_last
        assert same_keys(but_for_type(baked.written[early]), but_for_type(scene.current[then]))


def test_without_edits_no_curve_is_evaluated(monkeypatch):
    scene = shot(3, 480, [])
    performed, shown = performed_keys(4, 480), scene.shown
    for module in (edit_finding, edit_carrying):
        monkeypatch.setattr(module, "evaluate", lambda *_arguments: pytest.fail("evaluated"))
    edits = find_edits(scene.baked, scene.current, scene.frames, shown)
    assert carry_edits(edits, NewPerformance(performed, scene.frames, scene.fit), as_they_are).written is performed

# SPDX-License-Identifier: GPL-3.0-or-later
"""Few keys in place of many: how closely they follow, for any curve."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emotalk_blender.animation import reduction
from emotalk_blender.animation.keys import HandleType, KeyType, dense_keys, evaluate
from emotalk_blender.animation.reduction import closure_frames, reduce_keys
from emotalk_blender.curves import CHANNEL

from .artist import performance

quick = settings(max_examples=60, deadline=None)
rough = arrays(np.float32, st.tuples(st.integers(1, 40), st.integers(1, 4)), elements=st.floats(0, 1, width=32))
large = arrays(np.float32, st.tuples(st.integers(1, 20), st.just(2)), elements=st.floats(-1000, 1000, width=32))
smooth = st.tuples(st.integers(0, 10_000), st.integers(1, 120)).map(lambda pair: performance(*pair)[1][:, None])
levels = st.one_of(rough, smooth)
tolerances = st.sampled_from([1e-6, 1e-4, 0.003, 0.01, 0.05, 0.3])
firsts = st.sampled_from([-5000, 0, 1, 86_400, 1_000_000])


def frames_from(first, values):
    return np.arange(first, first + len(values))


def turning_frames(values, height):
    """Peaks and valleys by their definition, one by one: where the curve falls (rises) by more than the height on both
    sides before it gets as high (low) again; both ends of a plateau."""
    found = set()
    for level in (values.astype(np.float64), -values.astype(np.float64)):
        starts = np.flatnonzero(np.r_[True, level[1:] != level[:-1]])
        for first, last in zip(starts, np.r_[starts[1:], len(level)] - 1, strict=True):
            if falls(level[first - 1 :: -1] if first else [], level[first], height) and falls(
                level[last + 1 :], level[last], height
            ):
                found |= {int(first), int(last)}
    return found


def falls(levels, start, height):
    for level in levels:
        if level >= start:
            return False
        if level < start - height:
            return True
    return False


@quick
@given(st.one_of(levels, large), tolerances, firsts)
def test_the_curve_is_within_the_tolerance_at_every_frame(values, tolerance, first):
    frames = frames_from(first, values)
    for keys, dense in zip(reduce_keys(frames, values, tolerance), values.T, strict=True):
        error = np.abs(evaluate(keys, frames).astype(np.float64) - dense).max()
        assert error <= tolerance + np.spacing(np.abs(dense).max())  # what float32 can tell apart


@quick
@given(levels, tolerances)
def test_keys_lie_on_whole_frames_of_the_curve(values, tolerance):
    frames = frames_from(7, values)
    for keys, dense in zip(reduce_keys(frames, values, tolerance), values.T, strict=True):
        assert np.isin(keys["co"][:, 0], frames).all() and (np.diff(keys["co"][:, 0]) >= 1).all()
        assert (keys["co"][:, 1] == dense[keys["co"][:, 0].astype(int) - 7]).all()
        assert {frames[0], frames[-1]} <= set(keys["co"][:, 0].tolist())
        assert (keys["type"] == KeyType.GENERATED).all()


@quick
@given(rough)
def test_no_tolerance_is_a_key_on_every_frame(values):
    frames = frames_from(1, values)
    for keys, dense in zip(reduce_keys(frames, values, 0), values.T, strict=True):
        assert keys.tobytes() == dense_keys(frames, dense).tobytes()


@quick
@given(levels, tolerances)
def test_peaks_and_valleys_keep_a_key_on_their_frame(values, tolerance):
    frames = frames_from(0, values)
    for keys, dense in zip(reduce_keys(frames, values, tolerance), values.T, strict=True):
        assert turning_frames(dense, tolerance) <= set(keys["co"][:, 0].astype(int).tolist())


@quick
@given(levels, tolerances, st.data())
def test_kept_frames_keep_a_key(values, tolerance, data):
    kept = data.draw(arrays(np.bool_, values.shape))
    frames = frames_from(0, values)
    for keys, mine in zip(reduce_keys(frames, values, tolerance, kept), kept.T, strict=True):
        assert set(np.flatnonzero(mine)) <= set(keys["co"][:, 0].astype(int).tolist())


@quick
@given(levels, tolerances)
def test_the_curve_never_passes_the_keys_around_it(values, tolerance):
    frames = frames_from(0, values)
    between = np.arange(0, len(values) - 0.9, 0.125)
    for keys in reduce_keys(frames, values, tolerance):
        if len(keys) < 2:
            continue
        place = np.clip(np.searchsorted(keys["co"][:, 0], between, side="right") - 1, 0, len(keys) - 2)
        ends = np.stack([keys["co"][place, 1], keys["co"][place + 1, 1]])
        curve = evaluate(keys, between)
        assert (curve >= ends.min(0) - 1e-5).all() and (curve <= ends.max(0) + 1e-5).all()


@quick
@given(levels, tolerances.filter(lambda tolerance: tolerance > 0))
def test_handles_are_as_an_animator_sets_them(values, tolerance):
    """Aligned, a third of the way to the next key, flat at peaks, valleys and holds."""
    frames = frames_from(0, values)
    for keys in reduce_keys(frames, values, tolerance):
        if len(keys) < 3:
            continue
        left, right = keys["co"] - keys["handle_left"], keys["handle_right"] - keys["co"]
        gaps = np.diff(keys["co"][:, 0])
        assert (keys["handle_left_type"] == HandleType.ALIGNED).all()
        assert (keys["handle_right_type"] == HandleType.ALIGNED).all()
        assert np.allclose(left[1:, 0], gaps / 3, atol=1e-4) and np.allclose(right[:-1, 0], gaps / 3, atol=1e-4)
        assert np.allclose(left[:, 1] * right[:, 0], right[:, 1] * left[:, 0], atol=1e-4)
        rises = np.diff(keys["co"][:, 1])
        turns = np.flatnonzero(np.sign(rises[1:]) != np.sign(rises[:-1])) + 1
        assert not left[turns, 1].any() and not right[turns, 1].any()


@quick
@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from([0.003, 0.01, 0.05]))
def test_a_change_leaves_keys_beyond_the_next_peaks_alone(seed, other, tolerance):
    frames, values = performance(seed, 150)
    changed = values.copy()
    changed[60:80] = performance(other, 150)[1][60:80]
    before, after = (reduce_keys(frames, curve[:, None], tolerance)[0] for curve in (values, changed))
    turning = np.array(sorted(turning_frames(values, tolerance) & turning_frames(changed, tolerance))) + frames[0]
    for far in turning[turning < 59][-3:-2]:
        assert until(before, far).tobytes() == until(after, far).tobytes()
    for far in turning[turning > 82][2:3]:
        assert since(before, far).tobytes() == since(after, far).tobytes()


def until(keys, frame):
    return keys[keys["co"][:, 0] < frame]


def since(keys, frame):
    return keys[keys["co"][:, 0] > frame]


@quick
@given(smooth, tolerances, st.integers(-3000, 3000))
def test_a_moved_performance_has_the_same_keys(values, tolerance, by):
    (here,) = reduce_keys(frames_from(0, values), values, tolerance)
    (there,) = reduce_keys(frames_from(by, values), values, tolerance)
    assert (there["co"] == here["co"] + np.float32([by, 0])).all()


@quick
@given(rough, tolerances)
def test_curves_are_reduced_each_by_itself(values, tolerance):
    frames = frames_from(3, values)
    together = reduce_keys(frames, values, tolerance)
    for curve, keys in enumerate(together):
        assert keys.tobytes() == reduce_keys(frames, values[:, curve : curve + 1], tolerance)[0].tobytes()


def test_straight_lines_and_holds_need_two_keys():
    frames = np.arange(100)
    values = np.stack([np.zeros(100), np.ones(100), np.linspace(0, 1, 100)], axis=1).astype(np.float32)
    assert [len(keys) for keys in reduce_keys(frames, values, 0.001)] == [2, 2, 2]


def test_what_does_not_fit_is_refused():
    values = np.zeros((3, 2), np.float32)
    for frames in (np.array([1, 2]), np.array([1, 3, 4])):
        with pytest.raises(ValueError, match="consecutive frames"):
            reduce_keys(frames, values, 0.01)
    with pytest.raises(ValueError, match="kept frames"):
        reduce_keys(np.arange(3), values, 0.01, np.zeros((3, 1), bool))


def test_all_curves_of_a_face_are_worked_on_at_once(monkeypatch):
    """Whether frames are off is asked of all curves together, as often as for the one that needs it most."""
    values = np.stack([performance(seed, 480)[1] for seed in range(52)], axis=1)
    asked = []
    misses = reduction._misses
    monkeypatch.setattr(reduction, "_misses", lambda *arguments: asked.append(1) or misses(*arguments))

    def rounds(curves):
        asked.clear()
        reduce_keys(np.arange(480), curves, 0.01)
        return len(asked)

    assert rounds(values) == max(rounds(curve[:, None]) for curve in values.T) < 10


# Closures


def mouth(jaw, close=0.0):
    values = np.zeros((len(jaw), 52), np.float32)
    values[:, CHANNEL["jawOpen"]] = jaw
    values[:, CHANNEL["mouthClose"]] = close
    return values


def test_a_closure_is_its_deepest_frame():
    found = closure_frames(mouth([0.5, 0.3, 0.05, 0.01, 0.05, 0.4, 0.5]))
    assert np.flatnonzero(found).tolist() == [3]


def test_a_held_closure_keeps_both_ends():
    found = closure_frames(mouth([0.5, 0, 0, 0, 0, 0.5, 0.5]))
    assert np.flatnonzero(found).tolist() == [1, 4]


def test_lips_close_over_an_open_jaw():
    jaw = np.array([0.4, 0.4, 0.4, 0.4, 0.4])
    found = closure_frames(mouth(jaw, [0, 0.2, 0.4, 0.2, 0]))
    assert np.flatnonzero(found).tolist() == [2]


def test_an_open_mouth_has_no_closures():
    assert not closure_frames(mouth([0.5, 0.2, 0.5])).any()

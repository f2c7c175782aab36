# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys as plain arrays; that Blender draws the same curve is tests/blender/bake/test_key_values.py."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.animation.blender_easing import Ease
from emotalk_blender.animation.keys import HandleType, Interpolation, KeyType, dense_keys, evaluate, new_keys, slope_at

values = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20)


def some_keys(numbers, step=3):
    keys = new_keys(step * np.arange(len(numbers)), np.array(numbers), HandleType.ALIGNED)
    keys["handle_left"] -= [step / 3, 0]
    keys["handle_right"] += [step / 3, 0]
    return keys


@given(values, st.integers(-100_000, 100_000))
def test_dense_keys_have_their_values_on_their_frames(numbers, first):
    frames = np.arange(first, first + len(numbers))
    keys = dense_keys(frames, np.array(numbers, np.float32))
    assert (evaluate(keys, frames) == np.array(numbers, np.float32)).all()
    assert (keys["type"] == KeyType.GENERATED).all()
    assert (keys["handle_left_type"] == HandleType.AUTO_CLAMPED).all()


@given(values, st.sampled_from(list(Interpolation)), st.sampled_from(list(Ease)))
def test_every_interpolation_passes_through_its_keys(numbers, kind, ease):
    keys = some_keys(numbers)
    keys["interpolation"], keys["easing"] = kind, ease
    assert np.allclose(evaluate(keys, keys["co"][:, 0]), numbers)


@given(values)
def test_the_curve_stays_at_its_ends(numbers):
    keys = some_keys(numbers)
    assert (evaluate(keys, [-50, -0.5]) == keys["co"][0, 1]).all()
    assert (evaluate(keys, [keys["co"][-1, 0] + 0.5, 1e6]) == keys["co"][-1, 1]).all()


@given(values)
@settings(deadline=None)
def test_flat_handles_never_overshoot(numbers):
    keys = some_keys(numbers)
    frames = np.arange(0, 3 * len(numbers), 0.25)
    curve = evaluate(keys, frames)
    place = np.minimum(frames // 3, len(numbers) - 1).astype(int)
    ends = np.stack([keys["co"][place, 1], keys["co"][np.minimum(place + 1, len(numbers) - 1), 1]])
    assert (curve >= ends.min(0) - 1e-6).all() and (curve <= ends.max(0) + 1e-6).all()


@given(st.lists(st.floats(0, 50), min_size=4, max_size=4), st.floats(-1, 1), st.floats(-1, 1))
def test_time_never_runs_back_however_long_the_handles_are(reaches, up, down):
    keys = some_keys([0.2, 0.8, 0.4], step=10)
    keys["handle_right"][:, 0] = keys["co"][:, 0] + [reaches[0], reaches[1], 1]
    keys["handle_left"][:, 0] = keys["co"][:, 0] - [1, reaches[2], reaches[3]]
    keys["handle_right"][:, 1] += np.float32(up)
    keys["handle_left"][:, 1] += np.float32(down)
    curve = evaluate(keys, np.arange(0, 20, 0.01))
    assert np.isfinite(curve).all()
    assert np.abs(np.diff(curve[:999])).max() < 0.6 and np.abs(np.diff(curve[1001:])).max() < 0.6


def test_constant_and_linear():
    keys = some_keys([0, 1, 0], step=10)
    keys["interpolation"] = [Interpolation.CONSTANT, Interpolation.LINEAR, Interpolation.BEZIER]
    assert evaluate(keys, [9.5, 10, 15]).tolist() == [0, 1, 0.5]


def test_slopes_stay_within_the_range():
    keys = some_keys([0, 1], step=10)
    keys["interpolation"] = Interpolation.LINEAR
    frames = np.arange(11)
    assert np.allclose(slope_at(keys, frames, frames), 0.1)


def test_a_curve_without_keys_has_no_values():
    with pytest.raises(ValueError, match="without keys"):
        evaluate(some_keys([]), [1])

# SPDX-License-Identifier: GPL-3.0-or-later
"""All steps between the network's curves and the keys, together."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.finish import finish
from emotalk_blender.animation.lips import CLOSED
from emotalk_blender.animation.settings import AnimationSettings, RegionStrengths
from emotalk_blender.curves import CHANNEL, Curves, lip_opening

from ..curve_builders import noisy

SETTINGS = st.builds(
    AnimationSettings,
    smoothing=st.floats(0, 500),
    offset=st.floats(-500, 500),
    closure=st.floats(0, 1),
    strengths=st.builds(RegionStrengths, *[st.floats(0, 2)] * 6),
    blink_rate=st.floats(0, 60),
    gaze=st.floats(0, 1),
    seed=st.integers(0, 99),
)


@given(st.integers(0, 90), SETTINGS)
def test_finished_weights_never_leave_0_to_1(frames: int, settings: AnimationSettings) -> None:
    finished = finish(noisy(frames), settings)
    assert finished.values.shape == (frames, 52)
    assert finished.values.dtype == np.float32
    assert finished.fps == 30
    assert ((finished.values >= 0) & (finished.values <= 1)).all()


@given(st.integers(1, 60), SETTINGS)
def test_the_lower_lip_is_never_pushed_through_the_upper_one(frames: int, settings: AnimationSettings) -> None:
    after = finish(noisy(frames), settings).values
    assert (after[:, CHANNEL["mouthClose"]] <= after[:, CHANNEL["jawOpen"]] + 1e-6).all()


def test_lips_that_fit_together_are_left_alone() -> None:
    before = noisy(60)
    after = finish(before, AnimationSettings(smoothing=0, blink_rate=0)).values
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    fits = (before.values[:, close] <= before.values[:, jaw]) & (before.values[:, close] >= 0)
    assert np.array_equal(after[fits, close], np.clip(before.values[fits, close], 0, 1))


@given(st.floats(-500, 500))
def test_the_offset_moves_the_face_in_time_and_changes_nothing_else(offset: float) -> None:
    plain, moved = (finish(noisy(60), AnimationSettings(offset=by)) for by in (0.0, offset))
    assert np.array_equal(moved.values, plain.values)
    np.testing.assert_allclose(moved.times() - plain.times(), offset / 1000, atol=1e-9)


def test_the_same_seed_gives_the_same_face() -> None:
    settings = AnimationSettings(gaze=1.0, closure=0.5, seed=4)
    first, again = (finish(noisy(600), settings).values for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, finish(noisy(600), AnimationSettings(gaze=1.0, closure=0.5, seed=5)).values)


def test_nothing_asked_for_changes_nothing() -> None:
    values = np.random.default_rng(0).random((60, 52), np.float32)
    values[:, CHANNEL["mouthClose"]] *= values[:, CHANNEL["jawOpen"]]
    values[:, [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]] = 0
    assert np.array_equal(finish(Curves(values, 30), AnimationSettings(smoothing=0, blink_rate=0)).values, values)


@given(st.integers(1, 60), st.integers(0, 20), SETTINGS)
def test_lips_that_the_network_closes_are_closed_in_the_end(
    frames: int, seed: int, settings: AnimationSettings
) -> None:
    curves = noisy(frames, seed)
    curves.values[:: 1 + seed % 5] *= 0.02
    plain = lip_opening(finish(curves, AnimationSettings(smoothing=0, blink_rate=0)).values)
    opening = lip_opening(finish(curves, settings).values)
    assert (opening[plain < CLOSED] <= plain[plain < CLOSED] + 1e-5).all()

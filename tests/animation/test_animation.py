# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps between the network's curves and the keys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.blinks import CLOSED, CLOSING, OPENING, SHORTEST_PAUSE, add_blinks, blink_times
from emotalk_blender.animation.finish import AnimationSettings, finish
from emotalk_blender.animation.smoothing import smooth
from emotalk_blender.curves import CHANNEL, Curves

BLINKS = [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]


def noisy(frames, seed=0, low=-0.2, high=1.2):
    values = np.random.default_rng(seed).uniform(low, high, (frames, 52)).astype(np.float32)
    return Curves(values, 30)


@given(st.integers(1, 40), st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_smoothing_leaves_every_parabola_alone(frames, coefficients):
    x = np.linspace(-1, 1, frames)
    values = np.repeat(np.polyval(coefficients, x)[:, None], 52, axis=1).astype(np.float32)
    assert np.allclose(smooth(Curves(values, 30)).values, values, atol=1e-4)


def test_smoothing_has_the_published_weights_of_five_points():
    """Savitzky and Golay 1964, table I: (-3, 12, 17, 12, -3) / 35."""
    impulse = np.zeros((11, 52), np.float32)
    impulse[5] = 35
    assert np.allclose(smooth(Curves(impulse, 30)).values[3:8, 0], [-3, 12, 17, 12, -3], atol=1e-3)


@given(st.integers(0, 60))
def test_smoothing_calms_noise_and_keeps_the_length(frames):
    curves = noisy(frames)
    smoothed = smooth(curves)
    assert smoothed.frames == frames
    if frames > 10:
        assert np.abs(np.diff(smoothed.values, axis=0)).mean() < np.abs(np.diff(curves.values, axis=0)).mean()


@given(st.floats(0, 600), st.integers(0, 1000))
def test_blinks_fit_the_clip_and_leave_time_between_them(duration, seed):
    times = blink_times(duration, seed)
    assert (np.diff(times) >= SHORTEST_PAUSE).all()
    if len(times):
        assert times[0] > 0
        assert times[-1] + CLOSING + CLOSED + OPENING <= duration


def test_people_blink_about_fifteen_times_a_minute():
    counts = [len(blink_times(600, seed)) / 10 for seed in range(20)]
    assert 13 < np.mean(counts) < 17


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_blink_closes_both_eyes_and_opens_them_again(fps):
    curves = add_blinks(Curves(noisy(20 * fps).values, fps), seed=3)
    eyes = curves.values[:, BLINKS]
    assert np.array_equal(eyes[:, 0], eyes[:, 1])
    assert eyes.max() > 0.95
    assert (eyes[[0, -1]] == 0).all()
    assert np.mean(eyes > 0) < 0.2


def test_the_same_seed_gives_the_same_blinks_and_another_seed_others():
    curves = noisy(900)
    first, again, other = (add_blinks(curves, seed).values for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_blinks_touch_no_other_channel():
    curves = noisy(300)
    others = [index for index in range(52) if index not in BLINKS]
    assert np.array_equal(add_blinks(curves, 0).values[:, others], curves.values[:, others])


@given(st.integers(0, 90), st.booleans(), st.booleans())
def test_finished_weights_never_leave_0_to_1(frames, is_smooth, has_blinks):
    finished = finish(noisy(frames), AnimationSettings(smoothing=80.0 * is_smooth, blink_rate=15.0 * has_blinks))
    assert finished.values.shape == (frames, 52)
    assert finished.values.dtype == np.float32
    assert ((finished.values >= 0) & (finished.values <= 1)).all()


@given(st.integers(1, 60), st.integers(0, 20))
def test_the_lower_lip_is_never_pushed_through_the_upper_one(frames, seed):
    before, after = noisy(frames, seed), finish(noisy(frames, seed), AnimationSettings(smoothing=0, blink_rate=0))
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    assert (after.values[:, close] <= after.values[:, jaw]).all()
    fits = (before.values[:, close] <= before.values[:, jaw]) & (before.values[:, close] >= 0)
    assert np.array_equal(after.values[fits, close], np.clip(before.values[fits, close], 0, 1))

# SPDX-License-Identifier: GPL-3.0-or-later
"""Closures that were meant are shut, others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.closing import emphasise_closures
from emotalk_blender.animation.lips import CLOSED, CLOSED_JAW, keep_closed, limit_mouth_close
from emotalk_blender.curves import CHANNEL, Curves, lip_opening

from ..curve_builders import noisy, still


def spoken_m(gap: float = 0.15) -> Curves:
    """An open mouth whose lips roll in and come near each other at frame 30, as in a mumbled "ama"."""
    curves = still(60, jawOpen=0.5, mouthLowerDown=0.3, mouthUpperUp=0.2)
    near = np.exp(-0.5 * ((np.arange(60) - 30) / 2.0) ** 2)[:, None]
    narrow = still(1, jawOpen=gap + 0.03, mouthClose=0.03, mouthRollLower=0.15, mouthRollUpper=0.05).values
    return Curves((curves.values * (1 - near) + narrow * near).astype(np.float32), 30)


def test_a_slit_that_was_meant_to_be_closed_is_shut() -> None:
    before = lip_opening(spoken_m().values)
    after = lip_opening(emphasise_closures(spoken_m(), 1.0).values)
    assert before[30] > CLOSED
    assert after[30] < 0.01
    assert np.array_equal(after[:25], before[:25])
    assert np.array_equal(after[36:], before[36:])


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_emphasis_closes_more(one: float, other: float) -> None:
    less, more = (lip_opening(emphasise_closures(spoken_m(), amount).values) for amount in sorted((one, other)))
    assert (more <= less + 1e-6).all()


def test_half_an_emphasis_closes_about_half() -> None:
    full = lip_opening(spoken_m().values)[30]
    assert 0.3 * full < lip_opening(emphasise_closures(spoken_m(), 0.5).values)[30] < 0.6 * full


@pytest.mark.parametrize("missing", ["mouthClose", "mouthRollUpper"])
def test_a_narrow_mouth_of_which_only_one_lip_comes_a_little_is_left_open(missing: str) -> None:
    """As in a narrow S or T."""
    curves = spoken_m()
    curves.values[:, CHANNEL["mouthRollLower"]] *= 0.5
    curves.values[:, CHANNEL[missing]] = 0
    assert np.array_equal(emphasise_closures(curves, 1.0).values, curves.values)


def test_an_m_that_was_heard_as_an_f_is_shut() -> None:
    """Its lower lip rolls in as far as no other sound's does."""
    curves = spoken_m()
    curves.values[:, CHANNEL["mouthRollLower"]] *= 2.4
    curves.values[:, [CHANNEL["mouthClose"], CHANNEL["mouthRollUpper"]]] = 0
    assert lip_opening(emphasise_closures(curves, 1.0).values)[30] < 0.01


@pytest.mark.parametrize("narrow", [0.1, 0.3, 0.5])
def test_a_narrow_sound_beside_only_one_open_one_is_left_open(narrow: float) -> None:
    """The mouth opens after a pause: there is a slope, and no closure in it."""
    curves = spoken_m()
    curves.values[:31] = curves.values[30]
    assert np.array_equal(emphasise_closures(curves, narrow).values, curves.values)


def test_shut_lips_stay_shut_for_more_than_a_moment() -> None:
    """So that a film at 24 frames a second shows it too."""
    closed = lip_opening(emphasise_closures(spoken_m(), 1.0).values) < 0.02
    assert closed[29:32].all()


def test_the_jaw_comes_up_a_little_and_the_lips_close_over_it() -> None:
    before, after = spoken_m(), emphasise_closures(spoken_m(), 1.0)
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    assert CLOSED_JAW - 1e-5 <= after.values[30, jaw] < before.values[30, jaw]
    assert after.values[30, close] == pytest.approx(after.values[30, jaw], abs=1e-5)


@given(st.integers(0, 90), st.floats(0, 1), st.integers(0, 50))
def test_no_lips_are_opened_and_the_upper_face_is_left_alone(frames: int, amount: float, seed: int) -> None:
    before = noisy(frames, seed)
    after = emphasise_closures(before, amount)
    assert (lip_opening(after.values) <= lip_opening(before.values) + 1e-5).all()
    mouth = [index for name, index in CHANNEL.items() if name.startswith("mouth") or name == "jawOpen"]
    others = np.setdiff1d(np.arange(52), mouth)
    assert np.array_equal(after.values[:, others], before.values[:, others])


def test_0_leaves_everything_as_it_is() -> None:
    curves = spoken_m()
    assert emphasise_closures(curves, 0.0) is curves


@given(st.integers(0, 60), st.integers(0, 30), st.integers(31, 60))
def test_closed_lips_are_kept_whatever_came_after(frames: int, seed: int, other: int) -> None:
    before, after = noisy(frames, seed), noisy(frames, other)
    before.values[:: 1 + seed % 5] *= 0.02
    opening = lip_opening(before.values)
    kept = lip_opening(keep_closed(before, after).values)
    closed = opening < CLOSED
    assert (kept[closed] <= opening[closed] + 1e-5).all()
    assert (kept <= lip_opening(after.values) + 1e-5).all()


def test_a_slit_between_open_sounds_is_held_where_it_is_narrowest() -> None:
    """A moment of 0.13 between openings is a closure to the eye; smoothing must not wash it out."""
    before, after = still(21, jawOpen=0.4), still(21, jawOpen=0.4)
    before.values[10, CHANNEL["jawOpen"]] = 0.13
    assert lip_opening(keep_closed(before, after).values)[10] < 0.14


def test_lips_come_together_around_a_kept_closure_without_a_jump() -> None:
    before, after = still(60, jawOpen=0.5, mouthLowerDown=0.3), still(60, jawOpen=0.5, mouthLowerDown=0.3)
    before.values[30] = 0
    opening = lip_opening(keep_closed(before, after).values)
    assert opening[30] == 0
    assert np.abs(np.diff(opening)).max() < 0.75 * 0.65


@given(st.integers(1, 60), st.integers(0, 20))
def test_mouth_close_is_no_higher_than_the_jaw_after_any_of_them(frames: int, seed: int) -> None:
    curves = limit_mouth_close(noisy(frames, seed, low=0, high=1))
    for after in (emphasise_closures(curves, 1), keep_closed(noisy(frames, seed + 1, low=-0.3, high=0.3), curves)):
        assert (after.values[:, CHANNEL["mouthClose"]] <= after.values[:, CHANNEL["jawOpen"]] + 1e-6).all()
        assert (after.values >= -1e-6).all()


def test_the_mouth_still_opens_between_two_closures() -> None:
    one = spoken_m().values
    twice = Curves(np.concatenate([one[20:33], one[28:40]]), 30)
    opening, shut = lip_opening(twice.values), lip_opening(emphasise_closures(twice, 1.0).values)
    between = 10 + int(opening[10:16].argmax())
    assert shut[10] < 0.02
    assert shut[between] > 0.3 * opening[between]

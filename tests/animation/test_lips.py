# SPDX-License-Identifier: GPL-3.0-or-later
"""Closures that were meant are shut, others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.lips import CLOSED, emphasise_closures, lip_opening
from emotalk_blender.curves import CHANNEL, Curves

from .things import noisy, still


def spoken_m(gap: float = 0.15) -> Curves:
    """An open mouth whose lips roll in and come near each other at frame 30, as in a mumbled "ama"."""
    curves = still(60, jawOpen=0.5, mouthLowerDown=0.3, mouthUpperUp=0.2)
    near = np.exp(-0.5 * ((np.arange(60) - 30) / 2.0) ** 2)[:, None]
    narrow = still(1, jawOpen=gap, mouthRollLower=0.15, mouthRollUpper=0.05, mouthPress=0.2).values
    return Curves((curves.values * (1 - near) + narrow * near).astype(np.float32), 30)


def test_a_slit_that_was_meant_to_be_closed_is_shut() -> None:
    before = lip_opening(spoken_m().values)
    after = lip_opening(emphasise_closures(spoken_m(), 1.0).values)
    assert before[30] > CLOSED
    assert after[30] < 0.01
    assert np.array_equal(after[:25], before[:25])
    assert np.array_equal(after[36:], before[36:])


def test_half_an_emphasis_closes_half_of_it() -> None:
    full = lip_opening(spoken_m().values)[30]
    assert lip_opening(emphasise_closures(spoken_m(), 0.5).values)[30] == pytest.approx(full / 2, rel=0.01)


def test_a_narrow_mouth_whose_lips_do_not_press_is_left_open() -> None:
    curves = spoken_m()
    for name in ("mouthRollLower", "mouthRollUpper", "mouthPressLeft", "mouthPressRight"):
        curves.values[:, CHANNEL[name]] = 0
    assert np.array_equal(emphasise_closures(curves, 1.0).values, curves.values)


def test_the_jaw_stays_and_the_lips_close_over_it() -> None:
    before, after = spoken_m(), emphasise_closures(spoken_m(), 1.0)
    jaw, close = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
    assert np.array_equal(after.values[:, jaw], before.values[:, jaw])
    assert after.values[30, close] == pytest.approx(after.values[30, jaw], abs=1e-5)


@given(st.integers(0, 90), st.floats(0, 1), st.integers(0, 50))
def test_no_lips_are_opened_and_the_upper_face_is_left_alone(frames: int, amount: float, seed: int) -> None:
    before = noisy(frames, seed)
    after = emphasise_closures(before, amount)
    assert (lip_opening(after.values) <= lip_opening(before.values) + 1e-5).all()
    mouth = [index for name, index in CHANNEL.items() if name.startswith("mouth")]
    others = np.setdiff1d(np.arange(52), mouth)
    assert np.array_equal(after.values[:, others], before.values[:, others])


def test_0_leaves_everything_as_it_is() -> None:
    curves = spoken_m()
    assert emphasise_closures(curves, 0.0) is curves

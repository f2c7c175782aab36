# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes that wander a little."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.gaze import FULL_LOOK, LARGEST_SIZE, add_gaze
from emotalk_blender.curves import CHANNEL, Curves

from .things import noisy, still

LOOKS = [index for name, index in CHANNEL.items() if name.startswith("eyeLook")]


def degrees(curves: Curves, side: str) -> tuple[np.ndarray, np.ndarray]:
    """Where an eye looks: to the character's left, and up."""
    out, into, up, down = (
        curves.values[:, CHANNEL[f"eyeLook{way}{side}"]] * FULL_LOOK for way in ("Out", "In", "Up", "Down")
    )
    return (out - into if side == "Left" else into - out), up - down


@given(st.integers(1, 900), st.floats(0, 1), st.integers(0, 99))
def test_both_eyes_look_the_same_way_and_not_far(frames: int, amount: float, seed: int) -> None:
    gaze = add_gaze(still(frames), amount, seed)
    assert np.allclose(degrees(gaze, "Left"), degrees(gaze, "Right"))
    assert np.hypot(*degrees(gaze, "Left")).max() <= amount * LARGEST_SIZE + 1e-4


def test_the_amount_scales_how_far_and_not_when() -> None:
    whole, half = (add_gaze(still(900), amount, 3).values for amount in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2, atol=1e-6)


def test_eyes_rest_on_the_other_person_most_of_the_time_and_jump() -> None:
    left, up = degrees(add_gaze(still(30 * 600), 1.0, 0), "Left")
    away = np.hypot(left, up) > 0
    assert 0.1 < away.mean() < 0.35
    jumps = (np.diff(left) != 0) | (np.diff(up) != 0)
    assert 20 < jumps.sum() / 10 < 60


def test_no_other_channel_is_touched_and_0_keeps_them_still() -> None:
    curves = noisy(300)
    others = np.setdiff1d(np.arange(52), LOOKS)
    assert np.array_equal(add_gaze(curves, 1.0, 0).values[:, others], curves.values[:, others])
    assert add_gaze(curves, 0.0, 0) is curves

# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes that wander a little."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emotalk_blender.animation.gaze import FACE_SIZE, FULL_LOOK, LARGEST_SIZE, SHORTEST, add_gaze, saccades
from emotalk_blender.curves import CHANNEL, Curves

from ..curve_builders import noisy, still

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


def test_eyes_are_on_the_other_person_most_of_the_time_and_move_often_but_not_always() -> None:
    left, up = degrees(add_gaze(still(30 * 600), 1.0, 0), "Left")
    away = np.hypot(left, up) > 2 * FACE_SIZE
    assert 0.1 < away.mean() < 0.3
    found = saccades(600, 0)
    assert 50 < len(found.times) / 10 < 90
    assert (np.diff(found.times) >= SHORTEST).all()


def test_they_jump_and_then_rest() -> None:
    """At 30 fps a saccade is over within three frames; between two, nothing moves."""
    left, up = degrees(add_gaze(still(30 * 60), 1.0, 0), "Left")
    moving = (np.abs(np.diff(left)) > 1e-4) | (np.abs(np.diff(up)) > 1e-4)
    assert 0.02 < moving.mean() < 0.15


def test_a_longer_clip_begins_like_a_shorter_one() -> None:
    short, long = (add_gaze(still(frames), 1.0, 5).values for frames in (300, 900))
    assert np.array_equal(long[:300], short)


def test_eyes_that_look_elsewhere_already_go_on_from_there() -> None:
    before = still(300)
    before.values[:, [CHANNEL["eyeLookInLeft"], CHANNEL["eyeLookOutRight"]]] = 0.2
    alone, both = (degrees(add_gaze(curves, 1.0, 2), "Left")[0] for curves in (still(300), before))
    np.testing.assert_allclose(both, alone - 0.2 * FULL_LOOK, atol=1e-4)


def test_no_other_channel_is_touched_and_0_keeps_them_still() -> None:
    curves = noisy(300)
    others = np.setdiff1d(np.arange(52), LOOKS)
    assert np.array_equal(add_gaze(curves, 1.0, 0).values[:, others], curves.values[:, others])
    assert add_gaze(curves, 0.0, 0) is curves

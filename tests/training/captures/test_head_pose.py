# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks without the movement of the head."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from emotalk_blender.training.captures.face_shapes import RIGID
from emotalk_blender.training.captures.head_pose import laid_over, pitch_yaw_roll

from .made_up_faces import SHAPES, landmarks, speech, turned

ANGLES = st.tuples(st.floats(-1.0, 1.0), st.floats(-1.2, 1.2), st.floats(-1.0, 1.0))


@settings(deadline=None, max_examples=50)
@given(ANGLES, st.floats(0.5, 40.0), st.tuples(*[st.floats(-500, 500)] * 3))
def test_however_the_head_is_held_the_face_is_the_same(
    angles: tuple[float, float, float], scale: float, place: tuple[float, float, float]
) -> None:
    face = landmarks(speech(0.4, 25))
    rigid = SHAPES.places(RIGID)
    still = laid_over(face, SHAPES.resting, rigid)
    moved = laid_over(scale * (face @ turned(*angles).T) + np.array(place), SHAPES.resting, rigid)
    assert np.abs(moved.points - still.points).max() < 1e-5
    assert (
        np.abs(
            pitch_yaw_roll(laid_over(SHAPES.resting[None] @ turned(*angles).T, SHAPES.resting, rigid).turns) - angles
        ).max()
        < 1e-6
    )


def test_which_way_the_angles_go() -> None:
    nose = np.array([0.0, 0.0, 1.0])
    up, left, lean = turned(0.3, 0, 0) @ nose, turned(0, 0.3, 0) @ nose, turned(0, 0, 0.3) @ np.array([0.0, 1.0, 0.0])
    assert up[1] > 0, "pitch: the nose points up"
    assert left[0] > 0, "yaw: the nose points to the person's left, the right of the picture"
    assert lean[0] < 0, "roll: the top of the head goes to the person's right, the left of the picture"

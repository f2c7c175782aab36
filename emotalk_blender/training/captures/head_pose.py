# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks without the movement of the head, and that movement in angles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Laid:
    """Landmarks of every frame laid over one face.

    points: [frames, landmarks, 3], in the space of that face.
    turns: rotations [frames, 3, 3] of the head: a row of the face @ turn is a row as it was seen, y up, z to the viewer.
    """

    points: Array
    turns: Array


def laid_over(points: Array, face: Array, rigid: npt.NDArray[np.intp]) -> Laid:
    """Landmarks [frames, landmarks, 3] laid over a face [landmarks, 3] by those that don't move on the skull.

    The rotation, scale and shift of each frame that bring the rigid landmarks nearest (Umeyama 1991, "Least-squares
    estimation of transformation parameters between two point patterns"). Both with y up and z to the viewer.
    """
    seen, target = points[:, rigid], face[rigid]
    middle, goal = seen.mean(axis=1, keepdims=True), target.mean(axis=0)
    seen, target = seen - middle, target - goal
    left, sizes, right = np.linalg.svd(np.swapaxes(seen, 1, 2) @ target)
    signs = np.ones_like(sizes)
    signs[:, 2] = np.sign(np.linalg.det(left @ right))
    back = (left * signs[:, None]) @ right
    scale = (sizes * signs).sum(axis=1) / (seen**2).sum(axis=(1, 2))
    return Laid(scale[:, None, None] * ((points - middle) @ back) + goal, np.swapaxes(back, 1, 2))


def pitch_yaw_roll(turns: Array) -> Array:
    """Rotations [frames, 3, 3] of rows of points as angles in radians [frames, 3].

    Pitch is positive where the face looks up, yaw where it turns to its left, roll where it leans to its right
    shoulder. They are carried out in the order roll, pitch, yaw.
    """
    # Columns act on points as seen; turns act on rows, so their transpose is the usual matrix.
    m = np.swapaxes(turns, 1, 2)
    pitch = np.arcsin(np.clip(m[:, 1, 2], -1, 1))
    yaw = np.arctan2(m[:, 0, 2], m[:, 2, 2])
    roll = np.arctan2(m[:, 1, 0], m[:, 1, 1])
    return np.stack([pitch, yaw, roll], axis=1)

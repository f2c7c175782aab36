# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks without the movement of the head, and that movement in angles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...curves import DoubleArray


@dataclass(frozen=True)
class Laid:
    """Landmarks of every frame laid over one face.

    points: [frames, landmarks, 3], in the space of that face.
    turns: rotations [frames, 3, 3] of the head: what is a column of the face's space becomes, by turn @ column, one of
    the viewer's (x right, y up, z to the viewer).
    """

    points: DoubleArray
    turns: DoubleArray


def laid_over(points: DoubleArray, face: DoubleArray, rigid: npt.NDArray[np.intp]) -> Laid:
    """Landmarks [frames, landmarks, 3] laid over a face [landmarks, 3] by those that don't move on the skull.

    points: x right, y up, z to the viewer. The rotation, scale and shift of each frame are those that bring its rigid
    landmarks nearest to the face's (Umeyama 1991, "Least-squares estimation of transformation parameters between two
    point patterns").
    """
    seen, target = points[:, rigid], face[rigid]
    middle, goal = seen.mean(axis=1, keepdims=True), target.mean(axis=0)
    seen, target = seen - middle, target - goal
    left, sizes, right = np.linalg.svd(np.swapaxes(seen, 1, 2) @ target)
    signs = np.ones_like(sizes)
    signs[:, 2] = np.sign(np.linalg.det(left @ right))
    turns = (left * signs[:, None]) @ right
    scale = (sizes * signs).sum(axis=1) / np.maximum((seen**2).sum(axis=(1, 2)), 1e-12)
    return Laid(scale[:, None, None] * ((points - middle) @ turns) + goal, turns)


def pitch_yaw_roll(turns: DoubleArray) -> DoubleArray:
    """Rotations [frames, 3, 3] of a head as angles in radians [frames, 3].

    Pitch is positive where the face looks up, yaw where it turns to its own left, roll where it leans to its own right
    shoulder; the head rolls first, then nods, then turns.
    """
    pitch = np.arcsin(np.clip(turns[:, 1, 2], -1, 1))
    yaw = np.arctan2(turns[:, 0, 2], turns[:, 2, 2])
    roll = np.arctan2(turns[:, 1, 0], turns[:, 1, 1])
    return np.stack([pitch, yaw, roll], axis=1)

# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a face's landmarks is compared when blendshapes are fitted to them, and how much it weighs."""

from __future__ import annotations

import numpy as np

from ...curves import DoubleArray
from .face_shapes import CHEEK_OUTLINE, LOWER_LIP, LOWER_RIM, MOUTH_CORNERS, UPPER_LIP, UPPER_RIM, FaceShapes

LIPS_WEIGHT = 2.0
CORNERS_WEIGHT = 10.0
"""Weight of how wide the mouth is: a few landmarks at its corners alone tell rounding and spreading."""
CORNERS = (*MOUTH_CORNERS, 185, 409, 146, 375)
GAP_WEIGHT = 0.5
"""Weight of the gap between the rims: the fit meets it exactly, so that no other shape needs to explain it."""
OUTLINE_WEIGHT = 0.4
DEPTH_WEIGHT = 0.02
"""Depth is guessed by the tracker, not seen."""
THICKNESS = (
    (0, 13),
    (37, 82),
    (267, 312),
    (39, 81),
    (269, 311),
    (14, 17),
    (87, 84),
    (317, 314),
    (178, 181),
    (402, 405),
)
"""Landmarks across a lip from each other."""


def features(moves: DoubleArray, shapes: FaceShapes) -> DoubleArray:
    """What is compared of movements of landmarks [any, landmarks, 3]: [any, features].

    These are the movements themselves, but for the rims of the lips how they move together and how their gap changes;
    and how the thickness of the lips changes.
    """
    upper, lower = shapes.places(UPPER_RIM), shapes.places(LOWER_RIM)
    others = np.setdiff1d(np.arange(len(shapes.landmarks)), np.concatenate([upper, lower]))
    across = np.array([shapes.places(pair) for pair in THICKNESS])
    parts = [
        moves[:, others],
        (moves[:, upper] + moves[:, lower]) / 2,
        moves[:, upper] - moves[:, lower],
        moves[:, across[:, 0]] - moves[:, across[:, 1]],
    ]
    return np.concatenate([part.reshape(len(moves), -1) for part in parts], axis=1)


def feature_weights(shapes: FaceShapes) -> DoubleArray:
    """The weight of each feature's square, [features]."""
    numbers = np.delete(shapes.landmarks, shapes.places(UPPER_RIM + LOWER_RIM))
    lips = np.isin(numbers, UPPER_LIP + LOWER_LIP + MOUTH_CORNERS)
    single = np.where(lips, LIPS_WEIGHT, np.where(np.isin(numbers, CHEEK_OUTLINE), OUTLINE_WEIGHT, 1.0))
    pairs = len(UPPER_RIM)
    # The middle of a pair stands for two landmarks.
    rims = [np.full(pairs, 2 * LIPS_WEIGHT), np.full(pairs, GAP_WEIGHT)]
    weights = np.concatenate([single, *rims, np.full(len(THICKNESS), LIPS_WEIGHT)])
    by_axis = np.outer(weights, [1.0, 1.0, DEPTH_WEIGHT])
    by_axis[: len(numbers)][np.isin(numbers, CORNERS), 0] = CORNERS_WEIGHT
    return by_axis.ravel()

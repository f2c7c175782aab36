# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's jumper: a roll-neck and shoulders that end the bust."""

from __future__ import annotations

import numpy as np

from .part import Part, tube

PROFILE = (
    (0.26, 1.00, -1.020),
    (0.31, 1.00, -0.965),
    (0.355, 1.00, -0.960),
    (0.385, 1.00, -1.000),
    (0.390, 1.00, -1.070),
    (0.365, 1.00, -1.135),
    (0.375, 1.00, -1.155),
    (0.46, 0.90, -1.190),
    (0.62, 0.76, -1.250),
    (0.76, 0.66, -1.350),
    (0.83, 0.62, -1.500),
    (0.84, 0.60, -1.640),
    (0.80, 0.58, -1.680),
    (0.40, 0.55, -1.690),
)
"""Half width, depth as a part of it, and height of each loop from the inside of the collar down."""


def jumper() -> Part:
    """A closed, rounded bust under the neck."""
    count = 40
    around = np.arange(count) / count * 2 * np.pi
    loops = np.array(
        [
            np.column_stack([width * np.cos(around), 0.20 + width * depth * np.sin(around), np.full(count, height)])
            for width, depth, height in PROFILE
        ]
    )
    faces = [face[::-1] for face in tube(loops, cap=False)]
    faces.append(tuple(range((len(PROFILE) - 1) * count, len(PROFILE) * count))[::-1])
    return Part("Jumper", loops.reshape(-1, 3), faces, ["jumper"] * len(faces))

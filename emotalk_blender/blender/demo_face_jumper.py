# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo face's jumper: a roll-neck and shoulders that end the bust."""

from __future__ import annotations

import numpy as np

from .demo_face_part import Part, tube

PROFILE = (
    (0.26, 1.00, -0.96),
    (0.31, 1.00, -0.905),
    (0.355, 1.00, -0.90),
    (0.385, 1.00, -0.94),
    (0.390, 1.00, -1.01),
    (0.365, 1.00, -1.075),
    (0.375, 1.00, -1.095),
    (0.46, 0.90, -1.13),
    (0.62, 0.76, -1.19),
    (0.76, 0.66, -1.29),
    (0.83, 0.62, -1.44),
    (0.84, 0.60, -1.58),
    (0.80, 0.58, -1.62),
    (0.40, 0.55, -1.63),
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

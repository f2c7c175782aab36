# SPDX-License-Identifier: GPL-3.0-or-later
"""How the face tracker's landmarks move with the blendshapes: the numbers that a film is read with.

face_shapes.npz lies beside this file. It was made by tools/carry_face_shapes.py from the shapes of ICT-FaceKit
(University of Southern California, MIT licence), carried to the canonical face of MediaPipe (Google, Apache License
2.0), whose landmarks the tracker finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...curves import CHANNEL

Array = npt.NDArray[np.float64]

FILE = Path(__file__).with_name("face_shapes.npz")

RIGID = (33, 133, 362, 263, 1, 2, 4, 5, 6, 19, 94, 168, 195, 197, 10, 21, 54, 67, 103, 109, 162, 251, 284, 297, 332, 338, 389)
"""Landmarks that stay where they are on the skull: corners of the eyes, nose, forehead."""


@dataclass(frozen=True)
class FaceShapes:
    """The canonical face and how blendshapes move it; centimeters, x to the person's left, y up, z to the front.

    landmarks: the tracker's numbers of the landmarks [landmarks].
    resting: where they are on the canonical face [landmarks, 3].
    channels: columns of ARKIT_NAMES that have a shape [shapes].
    moves: how each shape moves the landmarks at 1 [shapes, landmarks, 3].
    """

    landmarks: npt.NDArray[np.intp]
    resting: Array
    channels: npt.NDArray[np.intp]
    moves: Array

    def places(self, numbers: tuple[int, ...]) -> npt.NDArray[np.intp]:
        """Rows of landmarks by the tracker's numbers. Raises KeyError for one that is not used."""
        place = {int(number): row for row, number in enumerate(self.landmarks)}
        return np.array([place[number] for number in numbers])


@lru_cache(maxsize=1)
def face_shapes() -> FaceShapes:
    """The face shapes of this package."""
    with np.load(FILE, allow_pickle=False) as file:
        channels = np.array([CHANNEL[str(name)] for name in file["names"]])
        return FaceShapes(
            file["landmarks"].astype(np.intp),
            file["resting"].astype(np.float64),
            channels,
            file["moves"].astype(np.float64),
        )

# SPDX-License-Identifier: GPL-3.0-or-later
"""How the face tracker's landmarks move with the blendshapes: the numbers that a film is read with.

face_shapes.npz lies beside this file. tools/carry_face_shapes.py made it from the shapes of ICT-FaceKit (University of
Southern California, MIT license), carried to the canonical face of MediaPipe (Google, Apache License 2.0), whose
landmarks the tracker finds. face_shapes.SOURCES.md has the licenses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, CHANNEL, DoubleArray

FILE = Path(__file__).with_name("face_shapes.npz")

# Landmarks by the tracker's numbers; left and right are the person's own.
EYE_CORNERS = (33, 133, 362, 263)
NOSE = (1, 2, 4, 5, 6, 19, 94, 168, 195, 197)
FOREHEAD = (10, 21, 54, 67, 103, 109, 162, 251, 284, 297, 332, 338, 389)
RIGID = EYE_CORNERS + NOSE + FOREHEAD
"""What stays where it is on the skull."""
NOSE_TIP, FOREHEAD_TOP, CHIN_TIP = 4, 10, 152
MOUTH_CORNERS = (61, 291, 78, 308)
UPPER_LIP = (185, 40, 39, 37, 0, 267, 269, 270, 409)
LOWER_LIP = (146, 91, 181, 84, 17, 314, 405, 321, 375)
UPPER_RIM = (13, 82, 312, 81, 311, 80, 310, 191, 415)
LOWER_RIM = (14, 87, 317, 178, 402, 88, 318, 95, 324)
"""The rims of the lips from the middle to the corners: which of the upper lip meets which of the lower."""
CHIN = (18, 200, 199, 175, 152, 148, 377, 176, 400)
AROUND_MOUTH = (164, 57, 287, 43, 273, 202, 422, 212, 432)
CHEEK_OUTLINE = (356, 454, 323, 361, 288, 397, 365, 379, 378, 149, 150, 136, 172, 58, 132, 93, 234, 127)
"""The outline of the cheeks, which slides over the skin as the head turns."""


@dataclass(frozen=True)
class FaceShapes:
    """The canonical face and how blendshapes move it; centimeters, x to the person's left, y up, z to the front.

    landmarks: the tracker's numbers of the landmarks [landmarks].
    resting: where they are on the canonical face [landmarks, 3].
    moves: how each of the 52 moves them at 1 [52, landmarks, 3], in the order of ARKIT_NAMES; 0 for those without a
    shape (tongueOut and the eight of gaze).
    """

    landmarks: npt.NDArray[np.intp]
    resting: DoubleArray
    moves: DoubleArray

    def places(self, numbers: Sequence[int]) -> npt.NDArray[np.intp]:
        """Rows of landmarks by the tracker's numbers. Raises KeyError for a number that is not used."""
        place = {int(number): row for row, number in enumerate(self.landmarks)}
        return np.array([place[number] for number in numbers])

    def move(self, name: str) -> DoubleArray:
        """How a blendshape moves the landmarks at 1 [landmarks, 3]."""
        move: DoubleArray = self.moves[CHANNEL[name]]
        return move


@lru_cache(maxsize=1)
def face_shapes() -> FaceShapes:
    """The face shapes of this package."""
    with np.load(FILE, allow_pickle=False) as file:
        landmarks = file["landmarks"].astype(np.intp)
        moves = np.zeros((len(ARKIT_NAMES), len(landmarks), 3))
        moves[[CHANNEL[str(name)] for name in file["names"]]] = file["moves"]
        return FaceShapes(landmarks, file["resting"].astype(np.float64), moves)

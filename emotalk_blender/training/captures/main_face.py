# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the faces in a film is the one that speaks: the one that is largest for longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...curves import DoubleArray
from .face_tracker import Face
from .person import TrackedFace

NEAR = 0.6
"""How far a face may move from one picture to the next, in parts of its size."""
LIKE = 1.5
"""How many times as large or small the same face may be, a while later."""
LOST_SECONDS = 0.5
"""A face that comes back after that is followed anew."""


@dataclass(eq=False)
class _Path:
    """A face that is followed through a film: its frames, and where it was seen last."""

    times: list[float] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)

    def size(self) -> float:
        return float(np.median([_size(face) for face in self.faces]))

    def weight(self) -> float:
        return sum(_size(face) ** 2 for face in self.faces)

    def meets(self, other: _Path) -> bool:
        """Whether both are in a picture together."""
        return not set(self.times).isdisjoint(other.times)


def main_face(times: Sequence[float], faces: Sequence[Sequence[Face]]) -> TrackedFace | None:
    """The face of the person whom the film shows, in those frames in which it was found; None without any.

    times: seconds of each frame, rising; faces: what was found in it. A face is followed from frame to frame by where
    it is; the person's is the one that is largest for longest, and so are those that are about as large in other
    frames. Faces in the background are smaller.
    """
    paths: list[_Path] = []
    for time, found in zip(times, faces, strict=True):
        free = [path for path in paths if time - path.times[-1] <= LOST_SECONDS]
        for face in sorted(found, key=_size, reverse=True):
            near = [path for path in free if _apart(path.faces[-1], face) <= NEAR]
            if near:
                path = min(near, key=lambda path: _apart(path.faces[-1], face))
                free.remove(path)
            else:
                path = _Path()
                paths.append(path)
            path.times.append(time)
            path.faces.append(face)
    if not paths:
        return None
    main, *others = sorted(paths, key=_Path.weight, reverse=True)
    size = main.size()
    for path in others:
        if 1 / LIKE <= path.size() / size <= LIKE and not path.meets(main):
            main.times += path.times
            main.faces += path.faces
    order = np.argsort(main.times)
    picked = [main.faces[index] for index in order]
    return TrackedFace(
        np.array(main.times)[order],
        np.stack([face.points for face in picked]),
        np.stack([face.scores for face in picked]),
    )


def _size(face: Face) -> float:
    """Pixels that a face is high or wide."""
    flat: DoubleArray = face.points[:, :2]
    return float(np.ptp(flat, axis=0).max())


def _apart(one: Face, other: Face) -> float:
    """How far two faces are from being the same: between their middles in parts of their size, infinite if unlike."""
    sizes = _size(one), _size(other)
    if max(sizes) > LIKE * min(sizes):
        return np.inf
    middles = one.points[:, :2].mean(axis=0) - other.points[:, :2].mean(axis=0)
    return float(np.linalg.norm(middles)) / max(sizes)

# SPDX-License-Identifier: GPL-3.0-or-later
"""What a face tracker saw in a film, and what is taken from all films of one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray
from .face_shapes import RIGID, FaceShapes
from .head_pose import laid_over, pitch_yaw_roll

Array = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

UPPER_INNER = (13, 82, 312, 81, 311, 80, 310, 191, 415)
LOWER_INNER = (14, 87, 317, 178, 402, 88, 318, 95, 324)
"""The rims of the lips, from the middle to the corners: which of the upper lip meets which of the lower."""

MIDDLE = 3
"""How many of these pairs stand for the middle of the mouth."""

CHIN_SKIN = (18, 200, 199, 175, 152, 148, 377, 176, 400)
JAW_SCALES = (0.75, 1.35)

FOREHEAD, CHIN = 10, 152

TOUCH = 0.004
"""Part of the face's height by which a gap may exceed its usual one of closed lips and still be closed."""

_JAW = CHANNEL["jawOpen"]
_BLINKS = [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]


@dataclass(frozen=True)
class Tracked:
    """A face in the frames of a film in which it was found.

    times: seconds, float64 [frames], rising.
    points: landmarks [frames, landmarks, 3] in the order of FaceShapes.landmarks: x right, y down, z away from the
    viewer, all in the same unit (pixels).
    scores: the tracker's own blendshape scores, [frames, 52] in the order of ARKIT_NAMES; 0 where it has none.
    """

    times: Array
    points: Array
    scores: FloatArray

    def __post_init__(self) -> None:
        frames = len(self.times)
        if len(self.points) != frames or self.scores.shape != (frames, len(ARKIT_NAMES)):
            raise ValueError("times, points and scores need the same number of frames")


@dataclass(frozen=True)
class Person:
    """What is a person's own, found in all of their films.

    resting: landmarks of the face at rest [landmarks, 3], laid over the canonical face.
    height: of the face at rest, from forehead to chin, in centimeters of the canonical face.
    closed_gap: gap up to which the lips touch, as part of that height.
    scores: the tracker's scores of the face at rest, [52].
    jaw_scale: jawOpen for a score of 1 above that of the face at rest.
    """

    resting: Array
    height: float
    closed_gap: float
    scores: FloatArray
    jaw_scale: float = 1.0


@dataclass(frozen=True)
class Posed:
    """A film's landmarks laid over the person's resting face, and what was measured of them.

    points: [frames, landmarks, 3], centimeters of the canonical face; head: pitch, yaw, roll in radians [frames, 3].
    gap: between the rims of the lips in the middle, as part of the height of the person's face, [frames].
    """

    points: Array
    head: Array
    gap: Array


def find_person(films: Sequence[Tracked], shapes: FaceShapes) -> Person:
    """The resting face of the one person in all of these films, and what it takes for the lips to touch.

    The face rests where the lips are closed, the jaw is up and nothing moves; brows and lids are taken from all frames.
    """
    points = np.concatenate([film.points for film in films])
    scores = np.concatenate([film.scores for film in films])
    still = np.concatenate([_stillness(film) for film in films])
    resting = shapes.resting
    for _ in range(2):
        # The first resting face is nobody's; the person's own lays the frames more steadily.
        laid = laid_over(_upright(points), resting, shapes.places(RIGID)).points
        lips = _middle_gap(laid, shapes)
        rest = _at_rest(lips, scores[:, _JAW], still)
        mouth = np.median(laid[rest], axis=0)
        usual = np.median(laid, axis=0)
        upper = shapes.resting[:, 1] > shapes.resting[shapes.places((4,)), 1]
        resting = np.where(upper[:, None], usual, mouth)
    forehead, chin = resting[shapes.places((FOREHEAD, CHIN))]
    height = float(np.linalg.norm(forehead - chin))
    of_scores = np.where(_near_mouth(), np.median(scores[rest], axis=0), np.median(scores, axis=0))
    jaw_scale = _jaw_scale(laid - resting, scores[:, _JAW] - of_scores[_JAW], shapes)
    return Person(resting, height, _lowest(lips) / height + TOUCH, of_scores.astype(np.float32), jaw_scale)


def posed(film: Tracked, person: Person, shapes: FaceShapes) -> Posed:
    """A film's landmarks without the movement of the head."""
    laid = laid_over(_upright(film.points), person.resting, shapes.places(RIGID))
    return Posed(laid.points, pitch_yaw_roll(laid.turns), _middle_gap(laid.points, shapes) / person.height)


def _upright(points: Array) -> Array:
    """Landmarks with y up and z to the viewer."""
    return points * np.array([1.0, -1.0, -1.0])


def _middle_gap(points: Array, shapes: FaceShapes) -> Array:
    """Centimeters from the lower lip's rim to the upper's in the middle of the mouth, [frames]; may be below 0."""
    upper = points[:, shapes.places(UPPER_INNER[:MIDDLE]), 1]
    lower = points[:, shapes.places(LOWER_INNER[:MIDDLE]), 1]
    gap: Array = (upper - lower).mean(axis=1)
    return gap


def _stillness(film: Tracked) -> Array:
    """How far the lips and chin move from frame to frame, in parts of the face's size; [frames]."""
    size = film.points.std(axis=(0, 1)).max()
    middle = film.points - film.points.mean(axis=1, keepdims=True)
    moves = np.abs(np.diff(middle, axis=0)).mean(axis=(1, 2)) / max(float(size), 1e-9)
    padded = np.pad(moves, 1, mode="edge") if len(moves) else np.zeros(2)
    still: Array = np.maximum(padded[1:], padded[:-1])[: len(film.times)]
    return still


def _at_rest(gap: Array, jaw: FloatArray, still: Array) -> BoolArray:
    """The frames of a closed mouth that does not move: the stillest half of those with the jaw and the lips lowest."""
    closed = (gap <= _lowest(gap) + 0.12) & (jaw <= np.percentile(jaw[gap <= _lowest(gap) + 0.12], 50))
    rest: BoolArray = closed & (still <= np.median(still[closed]))
    return rest


def _lowest(gap: Array) -> float:
    """The gap of closed lips, which most of the lowest gaps are near to: the middle of the shortest half of them."""
    low = np.sort(gap[gap <= np.percentile(gap, 2) + 0.2])
    half = len(low) // 2
    first = int(np.argmin(low[half:] - low[: len(low) - half]))
    return float(low[first : first + half + 1].mean())


def _jaw_scale(moves: Array, score: FloatArray, shapes: FaceShapes) -> float:
    """How far the chin follows jawOpen's shape for a score of the tracker's; within limits, for a chin says little."""
    chin = shapes.places(CHIN_SKIN)
    shape = shapes.moves[np.flatnonzero(shapes.channels == _JAW)[0], chin, 1]
    opened = moves[:, chin, 1] @ shape / (shape @ shape)
    score = np.maximum(score, 0)
    return float(np.clip((score @ opened) / max(float(score @ score), 1e-9), *JAW_SCALES))


def _near_mouth() -> BoolArray:
    return np.array([name.startswith(("jaw", "mouth", "cheek")) for name in ARKIT_NAMES])

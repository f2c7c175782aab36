# SPDX-License-Identifier: GPL-3.0-or-later
"""A tracked face, and what is the person's own in it: the face at rest, and when the lips touch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, BoolArray, DoubleArray, FloatArray
from .face_shapes import CHIN, CHIN_TIP, FOREHEAD_TOP, LOWER_RIM, NOSE_TIP, RIGID, UPPER_RIM, FaceShapes
from .head_pose import laid_over, pitch_yaw_roll

MIDDLE = 3
"""How many pairs of the rims stand for the middle of the mouth."""

CLOSED_REACH = 0.12
"""Centimeters above the usual gap of closed lips up to which a mouth may be at rest."""

LOWEST_REACH = 0.2
"""Centimeters above the lowest gaps within which the usual gap of closed lips is looked for."""

TOUCH = 0.004
"""Part of the face's height by which a gap may exceed the usual one of closed lips, and the lips still touch."""

OPENING_PER_HEIGHT = 7.0
"""Opening of the lips for a gap of the face's whole height.

On ICT-FaceKit, whose face is 18 cm high, jawOpen parts the lips by 3.2 cm at 1 (5.6 a height), and what counts as much
of the opening in shapes that part the lips by 1.4 cm (13); people who speak do it mostly with the jaw.
"""

MISSED = 0.03
"""Opening below which lips that come together for one frame alone have touched: a film misses the moment itself."""

JAW_SCALES = (0.75, 1.35)
"""Limits of a person's scale of the tracker's jawOpen: a chin is seen too badly for more."""

_JAW = CHANNEL["jawOpen"]
_OF_MOUTH = np.array([name.startswith(("jaw", "mouth", "cheek")) for name in ARKIT_NAMES])


@dataclass(frozen=True)
class TrackedFace:
    """A person's face in those frames of a film in which it was found.

    times: seconds, float64 [frames], rising.
    points: landmarks [frames, landmarks, 3] in the order of FaceShapes.landmarks: x right, y down, z away from the
    viewer, all in the same unit (pixels).
    scores: the tracker's own blendshape scores, [frames, 52] in the order of ARKIT_NAMES; 0 where it has none.
    """

    times: DoubleArray
    points: DoubleArray
    scores: FloatArray


@dataclass(frozen=True)
class Person:
    """What is a person's own, found in all of their films.

    resting: landmarks of the face at rest [landmarks, 3], laid over the canonical face (centimeters).
    height: of the face at rest, from forehead to chin, in these centimeters.
    closed_gap: gap up to which the lips touch, as part of that height.
    scores: the tracker's scores of the face at rest, [52].
    jaw_scale: jawOpen for a score of 1 above that of the face at rest.
    """

    resting: DoubleArray
    height: float
    closed_gap: float
    scores: FloatArray
    jaw_scale: float


@dataclass(frozen=True)
class StillHead:
    """A film's landmarks laid over the person's resting face.

    points: [frames, landmarks, 3], centimeters; head: pitch, yaw, roll in radians [frames, 3] (see pitch_yaw_roll).
    gap: between the rims of the lips in the middle, as part of the height of the person's face, [frames]; may be a
    little below 0.
    """

    points: DoubleArray
    head: DoubleArray
    gap: DoubleArray


def find_person(films: Sequence[TrackedFace], shapes: FaceShapes) -> Person:
    """The one person of all of these films (at least one frame).

    The mouth rests where the lips are closed, the jaw is up and nothing moves; brows and lids are taken from all
    frames.
    """
    points = np.concatenate([_upright(film.points) for film in films])
    scores = np.concatenate([film.scores for film in films])
    unrest = np.concatenate([_unrest(film) for film in films])
    upper = shapes.resting[:, 1] > shapes.resting[shapes.places([NOSE_TIP])[0], 1]
    resting = shapes.resting
    for _ in range(2):  # the canonical face is nobody's; over the person's own the frames lie more steadily
        laid = laid_over(points, resting, shapes.places(RIGID)).points
        gap = _middle_gap(laid, shapes)
        rest = _at_rest(gap, scores[:, _JAW], unrest)
        resting = np.where(upper[:, None], np.median(laid, axis=0), np.median(laid[rest], axis=0))
    top, bottom = resting[shapes.places([FOREHEAD_TOP, CHIN_TIP])]
    height = float(np.linalg.norm(top - bottom))
    usual = np.where(_OF_MOUTH, np.median(scores[rest], axis=0), np.median(scores, axis=0)).astype(np.float32)
    scale = _jaw_scale(laid - resting, scores[:, _JAW] - usual[_JAW], shapes)
    return Person(resting, height, _closed(gap) / height + TOUCH, usual, scale)


def still_head(film: TrackedFace, person: Person, shapes: FaceShapes) -> StillHead:
    """A film's landmarks without the movement of the head."""
    laid = laid_over(_upright(film.points), person.resting, shapes.places(RIGID))
    return StillHead(laid.points, pitch_yaw_roll(laid.turns), _middle_gap(laid.points, shapes) / person.height)


def lips_opening(gap: DoubleArray, person: Person) -> DoubleArray:
    """The opening of the lips [frames], as animation.lips.lip_opening measures it, that a gap is; 0 where they touch.

    They touch as well where they almost did for one frame: the film may have missed the moment by half a frame.
    """
    opening: DoubleArray = np.clip(OPENING_PER_HEIGHT * (gap - person.closed_gap), 0, 1)
    dips = (opening[1:-1] < opening[:-2]) & (opening[1:-1] < opening[2:]) & (opening[1:-1] < MISSED)
    opening[1:-1][dips] = 0
    return opening


def _upright(points: DoubleArray) -> DoubleArray:
    """Landmarks with y up and z to the viewer."""
    upright: DoubleArray = points * np.array([1.0, -1.0, -1.0])
    return upright


def _middle_gap(points: DoubleArray, shapes: FaceShapes) -> DoubleArray:
    """Centimeters from the lower lip's rim to the upper's in the middle of the mouth, [frames]."""
    upper = points[:, shapes.places(UPPER_RIM[:MIDDLE]), 1]
    lower = points[:, shapes.places(LOWER_RIM[:MIDDLE]), 1]
    gap: DoubleArray = (upper - lower).mean(axis=1)
    return gap


def _unrest(film: TrackedFace) -> DoubleArray:
    """How far the landmarks move from each frame to those beside it, in parts of the face's size; [frames]."""
    middle = film.points - film.points.mean(axis=1, keepdims=True)
    size = max(float(middle.std()), 1e-9)
    moves = np.abs(np.diff(middle, axis=0)).mean(axis=(1, 2)) / size
    around = np.pad(moves, 1, mode="edge") if len(moves) else np.zeros(2)
    unrest: DoubleArray = np.maximum(around[1:], around[:-1])
    return unrest


def _at_rest(gap: DoubleArray, jaw: FloatArray, unrest: DoubleArray) -> BoolArray:
    """The stillest half of those frames with closed lips in which the jaw is highest; bool [frames]."""
    closed = gap <= _closed(gap) + CLOSED_REACH
    closed &= jaw <= np.median(jaw[closed])
    rest: BoolArray = closed & (unrest <= np.median(unrest[closed]))
    return rest


def _closed(gap: DoubleArray) -> float:
    """The usual gap of closed lips: the middle of the shortest stretch that holds half of the lowest gaps."""
    low = np.sort(gap[gap <= np.percentile(gap, 2) + LOWEST_REACH])
    half = len(low) // 2
    first = int(np.argmin(low[half:] - low[: len(low) - half]))
    return float(low[first : first + half + 1].mean())


def _jaw_scale(moves: DoubleArray, score: FloatArray, shapes: FaceShapes) -> float:
    """How far the chin follows jawOpen's shape for a score of 1; within JAW_SCALES."""
    chin = shapes.places(CHIN)
    shape = shapes.move("jawOpen")[chin, 1]
    opened = moves[:, chin, 1] @ shape / (shape @ shape)
    raised = np.maximum(score.astype(np.float64), 0)
    return float(np.clip(raised @ opened / max(float(raised @ raised), 1e-9), *JAW_SCALES))

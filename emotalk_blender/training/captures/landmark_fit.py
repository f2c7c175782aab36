# SPDX-License-Identifier: GPL-3.0-or-later
"""From a tracked face to the 52: the blendshapes that move a face as the film's moves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ...curves import ARKIT_NAMES, CHANNEL, FloatArray
from .bounded_fit import Problem, fit
from .face_shapes import FaceShapes
from .tracked_face import CHIN_SKIN, LOWER_INNER, UPPER_INNER, Array, BoolArray, Person, Posed, Tracked

MISSED = 0.02
"""Opening below which lips that come together for one frame alone have touched."""
LIP_PART = 0.25
"""Part of the opening that each of the four shapes counts for that part the lips."""
SHUT_EYE = 0.75
"""The tracker's score of a shut eye."""

OPENING_PER_HEIGHT = 7.0
"""Opening of the lips, as the project measures it, for a gap of the face's whole height."""

LIPS_WEIGHT = 2.0
GAP_WEIGHT = 0.5
"""Weight of the gap between the rims: it is met exactly, so no other shape needs to explain it."""
OUTLINE_WEIGHT = 0.4
DEPTH_WEIGHT = 0.02
"""Depth is guessed by the tracker, not seen."""
RIDGE = 0.03
"""How firmly every shape is held at 0, as part of the mean of what the shapes weigh."""
SHY = {"mouthShrugUpper": 8.0, "mouthShrugLower": 4.0, "mouthRollUpper": 15.0, "mouthRollLower": 4.0, "mouthFrownLeft": 12.0, "mouthFrownRight": 12.0, "mouthFunnel": 2.0, "mouthPucker": 0.2, "mouthPressLeft": 5.0, "mouthPressRight": 5.0, "mouthUpperUpLeft": 0.7,  "mouthUpperUpRight": 0.7, "mouthLowerDownLeft": 1.5, "mouthLowerDownRight": 1.5, "mouthStretchLeft": 1.5, "mouthStretchRight": 1.5}
"""Shapes that would answer for what others do, and how many times as firmly they are held."""
JAW_WEIGHT = 1.0
"""Weight of the tracker's own jawOpen against that of all landmarks together."""
SMOOTH = 0.15
"""How firmly frames of a film of 25 to the second hold to the ones before, as part of what a shape weighs."""
FILM_RATE = 25.0

GAP_SECONDS = 0.1
"""Frames further apart than that do not belong together."""

OUTER_LIPS = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185, 78, 308)
OUTLINE = (356, 454, 323, 361, 288, 397, 365, 379, 378, 149, 150, 136, 172, 58, 132, 93, 234, 127)
"""The outline of the cheeks, which slides over the skin as the head turns."""
PARTS_LIPS = {"mouthFunnel": 3.0, "mouthShrugUpper": 2.0}
"""Shapes that part the lips on a face, though the measure of the opening leaves them out, and how far they may go for it."""
SINK_FIRM = 0.3
CLOSE_FIRM = 3.0
UPPER_THICKNESS = ((0, 13), (37, 82), (267, 312), (39, 81), (269, 311))
LOWER_THICKNESS = ((14, 17), (87, 84), (317, 314), (178, 181), (402, 405))

_PARTING = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight")
_FITTED = tuple(
    name
    for name in ARKIT_NAMES
    if name.startswith(("brow", "jawLeft", "jawRight", "mouth", "nose")) and name not in (*_PARTING, "mouthClose")
)
_SUNK = ("mouthUpperUpLeft", "mouthUpperUpRight")
"""Shapes that a face does the other way as well, with none of the 52 for it: at a B the upper lip sinks below its rest."""
_SCORED = tuple(name for name in ARKIT_NAMES if name.startswith("eye"))
"""Lids and gaze: the tracker's own scores are better than what landmarks of a small eye say."""

CAPTURED: BoolArray = np.array(
    [name in (*_FITTED, *_SCORED, *_PARTING, "mouthClose", "jawOpen") for name in ARKIT_NAMES]
)
"""Which of the 52 a film shows; tongueOut, cheekPuff, cheekSquint and jawForward it does not."""

_JAW, _CLOSE = CHANNEL["jawOpen"], CHANNEL["mouthClose"]


def curves_of(film: Tracked, face: Posed, person: Person, shapes: FaceShapes) -> FloatArray:
    """The 52 of a film: float32 [frames, 52] in [0, 1], those that are not CAPTURED at 0.

    The lips' opening (jawOpen less mouthClose, and a quarter of each of the four that part the lips) is that of the
    film, and 0 where the lips touch.
    """
    basis, weights = _features(_basis(shapes), shapes), _weights(shapes)
    features = _features(face.points - person.resting, shapes)
    gram = (basis * weights) @ basis.T
    pull = (features * weights) @ basis.T
    jaw = np.zeros(len(gram))
    jaw[:2] = 1
    size = JAW_WEIGHT * gram[0, 0]
    gram += np.diag(RIDGE * np.sqrt(np.diag(gram).mean() * np.diag(gram)) * _firmness()) + size * np.outer(jaw, jaw)
    score = np.maximum(film.scores[:, _JAW] - person.scores[_JAW], 0)
    pull += size * person.jaw_scale * score[:, None] * jaw
    between = np.diff(film.times)
    rate = 1 / float(np.median(between)) if len(between) else FILM_RATE
    smooth = SMOOTH * (rate / FILM_RATE) ** 2 * np.diag(gram)
    opening = lips_opening(face.gap, person)
    shares = [0, *range(2, 2 + len(_PARTING))]
    order = [*shares, *(place for place in range(len(gram)) if place not in shares)]
    problem = Problem(
        gram[np.ix_(order, order)],
        pull[:, order],
        smooth[order],
        between < GAP_SECONDS,
        np.array([1.0] + [LIP_PART] * len(_PARTING)),
        opening,
        _most(opening)[:, [place - 1 for place in order[len(shares):]]],
    )
    found = np.empty_like(pull)
    found[:, order] = fit(problem)
    curves = np.zeros((len(found), len(ARKIT_NAMES)))
    known = [CHANNEL[name] for name in (*_PARTING, *_FITTED)]
    curves[:, known] = np.clip(found[:, 2 : 2 + len(known)], 0, 1)
    curves[:, _CLOSE] = np.clip(found[:, 1], 0, 1)
    curves[:, _scored()] = _eyes(film.scores, person)
    return _with_opening(curves, opening)


def at_rate(times: Array, curves: FloatArray, opening: Array, fps: float) -> FloatArray:
    """The curves at a steady rate from time 0 to the last of `times`: float32 [frames, 52], as open as the film's.

    Linear between the film's frames, but lips that touch in a frame touch in the nearest one of the result.
    opening: of the film's frames, as lips_opening tells it.
    """
    moments = np.arange(int(np.floor(times[-1] * fps + 1e-6)) + 1) / fps
    between = np.stack([np.interp(moments, times, column) for column in curves.T.astype(np.float64)], axis=1)
    apart = np.interp(moments, times, opening)
    nearest = np.rint(times[opening == 0] * fps).astype(np.intp)
    apart[nearest[nearest < len(apart)]] = 0
    for name, reach in PARTS_LIPS.items():
        between[:, CHANNEL[name]] = np.minimum(between[:, CHANNEL[name]], reach * apart)
    return _with_opening(between, apart)


def lips_opening(gap: Array, person: Person) -> Array:
    """The opening of the lips [frames] that a gap between them is, 0 where they touch.

    They touch as well where they almost did for one frame: the film may have missed the moment by half a frame.
    """
    opening: Array = np.clip(OPENING_PER_HEIGHT * (gap - person.closed_gap), 0, 1)
    dips = (opening[1:-1] < opening[:-2]) & (opening[1:-1] < opening[2:]) & (opening[1:-1] < MISSED)
    opening[1:-1][dips] = 0
    return opening


def _most(opening: Array) -> Array:
    """How high each of the fitted curves but the first may go [frames, curves]: lips that touch don't funnel."""
    names = ("mouthClose", *_PARTING, *_FITTED, *_SUNK, "sink")
    return np.stack([np.minimum(PARTS_LIPS[name] * opening, 1) if name in PARTS_LIPS else np.ones_like(opening) for name in names], axis=1)


def _with_opening(curves: Array, opening: Array) -> FloatArray:
    """The curves with jawOpen such that the lips' opening is exactly what it should be."""
    parting = [CHANNEL[name] for name in _PARTING]
    apart = LIP_PART * curves[:, parting].sum(axis=1)
    curves[:, parting] *= np.where(apart > opening, opening / np.maximum(apart, 1e-9), 1)[:, None]
    apart = LIP_PART * curves[:, parting].sum(axis=1)
    curves[:, _CLOSE] = np.minimum(curves[:, _CLOSE], 1 - (opening - apart))
    curves[:, _JAW] = curves[:, _CLOSE] + opening - apart
    exact = curves.astype(np.float32)
    exact[opening == 0, _JAW] = exact[opening == 0, _CLOSE]
    return exact


def _eyes(scores: FloatArray, person: Person) -> Array:
    """Lids and gaze of a film: the tracker's scores beyond those of the face at rest, [frames, eyes]."""
    columns = _scored()
    rest = person.scores[columns].astype(np.float64)
    full = np.where([ARKIT_NAMES[column].startswith("eyeBlink") for column in columns], SHUT_EYE, 1.0)
    return np.clip((scores[:, columns] - rest) / np.maximum(full - rest, 0.2), 0, 1)


def _scored() -> list[int]:
    return [CHANNEL[name] for name in _SCORED]


def _basis(shapes: FaceShapes) -> Array:
    """How the fitted curves move the landmarks: the open jaw, the jaw behind closed lips, _PARTING, _FITTED."""
    moves = {int(channel): move for channel, move in zip(shapes.channels, shapes.moves, strict=True)}
    known = [moves[CHANNEL[name]] for name in (*_PARTING, *_FITTED)]
    return np.stack([moves[_JAW], moves[_JAW] + moves[_CLOSE], *known, *(-moves[CHANNEL[name]] for name in _SUNK), _sink(shapes)])


def _sink(shapes: FaceShapes) -> Array:
    """Lips and chin half a centimeter lower, as one [landmarks, 3]."""
    part = np.isin(shapes.landmarks, OUTER_LIPS + UPPER_INNER + LOWER_INNER + CHIN_SKIN) + 0.5 * np.isin(
        shapes.landmarks, (164, 57, 287, 43, 273, 202, 422, 212, 432)
    )
    return np.outer(part, [0.0, -0.5, 0.0])


def _firmness() -> Array:
    return np.array([1.0, CLOSE_FIRM, *(SHY.get(name, 1.0) for name in (*_PARTING, *_FITTED)), *(1.0 for _ in _SUNK), SINK_FIRM])


def _features(moves: Array, shapes: FaceShapes) -> Array:
    """What is compared of movements [any, landmarks, 3]: [any, features].

    Those of the landmarks themselves, but of the lips' rims their middle and the gap between them, which is met exactly
    and need not be explained by anything else; and how thick the lips are.
    """
    upper, lower = shapes.places(UPPER_INNER), shapes.places(LOWER_INNER)
    others = np.setdiff1d(np.arange(len(shapes.landmarks)), np.concatenate([upper, lower]))
    thick = np.array([shapes.places(pair) for pair in (*UPPER_THICKNESS, *LOWER_THICKNESS)])
    parts = [
        moves[:, others],
        (moves[:, upper] + moves[:, lower]) / 2,
        moves[:, upper] - moves[:, lower],
        moves[:, thick[:, 0]] - moves[:, thick[:, 1]],
    ]
    return np.concatenate([part.reshape(len(moves), -1) for part in parts], axis=1)


def _weights(shapes: FaceShapes) -> Array:
    """The weight of each of these features, [features]."""
    inner = shapes.places(UPPER_INNER + LOWER_INNER)
    numbers = np.delete(shapes.landmarks, inner)
    lips, outline = np.isin(numbers, OUTER_LIPS), np.isin(numbers, OUTLINE)
    single = np.where(lips, LIPS_WEIGHT, np.where(outline, OUTLINE_WEIGHT, 1.0))
    pairs = len(UPPER_INNER)
    thick = len(UPPER_THICKNESS) + len(LOWER_THICKNESS)
    weights = np.concatenate([single, np.full(pairs, 2 * LIPS_WEIGHT), np.full(pairs, GAP_WEIGHT), np.full(thick, LIPS_WEIGHT)])
    return np.outer(weights, [1.0, 1.0, DEPTH_WEIGHT]).ravel()

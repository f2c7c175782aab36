# SPDX-License-Identifier: GPL-3.0-or-later
"""From a tracked face to the 52: the blendshapes that move a face as the film's moves."""

from __future__ import annotations

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, BoolArray, DoubleArray, FloatArray
from .bounded_fit import Problem, fit
from .exact_opening import PARTING, PARTING_PART, PARTS_LIPS, with_opening
from .face_shapes import AROUND_MOUTH, CHIN, LOWER_LIP, LOWER_RIM, MOUTH_CORNERS, UPPER_LIP, UPPER_RIM, FaceShapes
from .landmark_features import feature_weights, features
from .person import Person, StillHead, TrackedFace, lips_opening

RIDGE = 0.03
"""How firmly shapes are held at 0, as part of what they weigh."""

FIRMNESS = {
    "browDown": 0.8,
    "browInnerUp": 0.8,
    "browOuterUp": 0.8,
    "mouthClose": 3.0,
    "mouthFunnel": 0.3,
    "mouthPucker": 0.1,
    "mouthUpperUp": 0.7,
    "mouthLowerDown": 1.5,
    "mouthStretch": 1.5,
    "mouthPress": 5.0,
    "mouthFrown": 12.0,
    "mouthShrugLower": 4.0,
    "mouthShrugUpper": 8.0,
    "mouthRollLower": 4.0,
    "mouthRollUpper": 15.0,
    "mouthSunk": 0.3,
    "upperLipUp": 2.0,
}
"""How many times as firmly: those that would answer for what others do are held, those that are seen well let go."""

JAW_WEIGHT = 1.0
"""Weight of the tracker's own jawOpen against that of all landmarks together."""

SMOOTH = 0.15
"""How firmly frames of a film of FILM_RATE hold to those before, as part of what a shape weighs."""
FILM_RATE = 25.0
JOINED_SECONDS = 0.1
"""Frames further apart than that do not hold to each other."""

SHUT_EYE = 0.75
"""The tracker's score of a shut eye."""

_JAW, _CLOSE = CHANNEL["jawOpen"], CHANNEL["mouthClose"]
_NOT_SHOWN = ("jawForward", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "tongueOut")
_SCORED = tuple(name for name in ARKIT_NAMES if name.startswith("eye"))
"""Lids and gaze: the tracker's own scores say more than the landmarks of a small eye."""
_SHAPED = tuple(name for name in ARKIT_NAMES if name not in (*_SCORED, *_NOT_SHOWN, *PARTING, "jawOpen", "mouthClose"))
_DRAWN = {
    "upperLipDown": ("mouthUpperUp", -1.0),
    "upperLipUp": ("mouthUpperUp", 1.0),
    "lowerLipDown": ("mouthLowerDown", 1.0),
}
_NUISANCES = ("mouthSunk", *(name + side for name in _DRAWN for side in ("Left", "Right")))
"""What faces do and the 52 don't tell: at a B the upper lip sinks below its rest, and the mouth with the jaw; and lips
that are drawn off the teeth by more than the gap between them leaves for it. _DRAWN says which shapes move so."""

FUNNEL_PARTING = 0.3
"""Part of the funnel's parting of the lips that counts in the fit: it is to be found by its narrowing."""

FUNNEL_SHARE = 0.5
FUNNEL_OPENING = 0.25
"""Part of the pucker of a mouth this far open that is told as a funnel: without depth a film cannot tell them apart,
and with lips apart the rounding of OW and SH is a funnel's."""

CAPTURED: BoolArray = np.array([name not in _NOT_SHOWN for name in ARKIT_NAMES])
"""Which of the 52 a film shows, bool [52]."""


def fitted_curves(film: TrackedFace, face: StillHead, person: Person, shapes: FaceShapes) -> FloatArray:
    """The 52 of a film: float32 [frames, 52] in [0, 1], those that are not CAPTURED at 0.

    The lips are exactly as far apart as in the film: lip_opening (animation.lips) of the result is lips_opening of the
    gap, and 0 where the lips touch. Frames hold to those before, so that the curves are smooth; the opening is not
    smoothed.
    """
    # What is fitted: the open jaw less what the lips close over it (both together are jawOpen), the four that part the
    # lips, the jaw behind closed lips, all others, and nuisances. The first five share the opening.
    names = ("jawOpen", *PARTING, "mouthClose", *_SHAPED, *_NUISANCES)
    basis = features(np.stack([_movement(name, shapes) for name in names]), shapes)
    weights = feature_weights(shapes)
    gram = (basis * weights) @ basis.T
    pull = (features(face.points - person.resting, shapes) * weights) @ basis.T
    firmness = np.array([FIRMNESS.get(name.removesuffix("Left").removesuffix("Right"), 1.0) for name in names])
    size = np.diag(gram).copy()
    gram += np.diag(RIDGE * firmness * np.sqrt(size * size.mean()))

    jaw = np.isin(names, ("jawOpen", "mouthClose")).astype(np.float64)
    score = np.maximum(film.scores[:, _JAW] - person.scores[_JAW], 0)
    gram += JAW_WEIGHT * size[0] * np.outer(jaw, jaw)
    pull += JAW_WEIGHT * size[0] * person.jaw_scale * score[:, None] * jaw

    opening = lips_opening(face.gap, person)
    between = np.diff(film.times)
    rate = 1 / float(np.median(between)) if len(between) else FILM_RATE
    found = fit(
        Problem(
            gram,
            pull,
            smooth=SMOOTH * (rate / FILM_RATE) ** 2 * np.diag(gram),
            joined=between < JOINED_SECONDS,
            parts=np.array([1.0] + [PARTING_PART] * len(PARTING)),
            total=opening,
            most=_limits(names[1 + len(PARTING) :], opening),
        )
    )
    curves = np.zeros((len(found), len(ARKIT_NAMES)))
    for name, curve in zip(names, found.T, strict=True):
        if name in CHANNEL:
            curves[:, CHANNEL[name]] = curve
    _tell_funnel(curves, opening, shapes)
    curves[:, [CHANNEL[name] for name in _SCORED]] = _eyes(film.scores, person)
    return with_opening(curves, opening)


def _movement(name: str, shapes: FaceShapes) -> DoubleArray:
    """How one of the fitted curves moves the landmarks at 1 [landmarks, 3]."""
    if name == "mouthClose":
        return shapes.move("jawOpen") + shapes.move("mouthClose")
    if name == "mouthSunk":
        mouth = UPPER_LIP + LOWER_LIP + UPPER_RIM + LOWER_RIM + MOUTH_CORNERS + CHIN
        sunk = np.isin(shapes.landmarks, mouth) + 0.5 * np.isin(shapes.landmarks, AROUND_MOUTH)
        return np.outer(sunk, [0.0, -0.5, 0.0])
    if name == "mouthFunnel":
        lips = shapes.places(UPPER_LIP + LOWER_LIP + UPPER_RIM + LOWER_RIM)
        move = shapes.move(name).copy()
        move[lips, 1] *= FUNNEL_PARTING
        return move
    side = "Left" if name.endswith("Left") else "Right"
    if name.removesuffix(side) in _DRAWN:
        shape, part = _DRAWN[name.removesuffix(side)]
        return part * shapes.move(shape + side)
    return shapes.move(name)


def _tell_funnel(curves: DoubleArray, opening: DoubleArray, shapes: FaceShapes) -> None:
    """Turn part of the pucker of an open mouth into a funnel that narrows the mouth as much, in place."""
    pucker, funnel = CHANNEL["mouthPucker"], CHANNEL["mouthFunnel"]
    corner = shapes.places(MOUTH_CORNERS[:1])[0]
    narrower = shapes.move("mouthPucker")[corner, 0] / shapes.move("mouthFunnel")[corner, 0]
    part = FUNNEL_SHARE * np.minimum(opening / FUNNEL_OPENING, 1)
    limit = np.minimum(PARTS_LIPS["mouthFunnel"] * opening, 1)
    curves[:, funnel] = np.minimum(curves[:, funnel] + narrower * part * curves[:, pucker], limit)
    curves[:, pucker] *= 1 - part


def _limits(names: tuple[str, ...], opening: DoubleArray) -> DoubleArray:
    """How high each of these curves may go, [frames, names]."""
    limits = [
        np.minimum(PARTS_LIPS[name] * opening, 1) if name in PARTS_LIPS else np.ones_like(opening) for name in names
    ]
    return np.stack(limits, axis=1)


def _eyes(scores: FloatArray, person: Person) -> DoubleArray:
    """Lids and gaze: the tracker's scores beyond those of the face at rest, [frames, those of _SCORED]."""
    columns = [CHANNEL[name] for name in _SCORED]
    rest = person.scores[columns].astype(np.float64)
    full = np.array([SHUT_EYE if name.startswith("eyeBlink") else 1.0 for name in _SCORED])
    eyes: DoubleArray = np.clip((scores[:, columns] - rest) / np.maximum(full - rest, 0.2), 0, 1)
    return eyes

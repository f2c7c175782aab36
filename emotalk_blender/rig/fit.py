# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of each pose makes a face look as the 52 blendshapes say: least squares with weights from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ..curves import CHANNEL, LIP_OPENING, BoolArray, DoubleArray, FloatArray, lip_opening
from .sources import POSES

RIDGE = 0.001
"""What using a pose costs, relative to what it shows: of poses that look alike each takes a share, and steadily so."""

PATIENCE = 3
"""Rounds without progress after which `bounded_least_squares` takes its slow and safe steps."""

# How much a blendshape counts.
_DEFAULT_IMPORTANCE = 0.5
_IMPORTANCE = {
    "jawOpen": 1.0,
    "mouthPucker": 1.0,
    "mouthFunnel": 0.7,
    "mouthPress": 0.4,
    "mouthFrown": 0.3,
    "mouthStretch": 0.3,
    "mouthSmile": 0.4,
    "mouthDimple": 0.2,
    "mouthClose": 0.0,  # seen as the gap alone
}

GAP_IMPORTANCE = 1.5
"""How much the gap between the lips counts: the eye sees it first."""

_PRESSED = ("mouthPressLeft", "mouthPressRight", "mouthRollUpper")
"""Seen only where the lips meet; in a tense open mouth they would call for the shape of a P."""

_MOODS = ("mouthSmile", "mouthFrown", "mouthStretch", "mouthDimple")
"""Asked for no further than one of the poses goes: the sounds are not bent to show a smile that they do not have."""

_PARTED = 0.1
"""Gap between the lips from which on they no longer press."""


def fit(values: FloatArray, poses: Sequence[str], covered: Sequence[int] = ()) -> FloatArray:
    """Weights of the poses that come nearest to the blendshapes: float32 [frames, poses], each in [0, 1].

    values: weights of the 52, [frames, 52].
    poses: names out of POSES, each once.
    covered: columns of the 52 that the face shows by itself; the poses add as little to these as they can.

    Each frame is fitted by itself, and the result is the only best one, so it follows the values without a jump.
    """
    closes = CHANNEL["mouthClose"] in covered
    matrix, cost = _basis(tuple(poses), closes)
    wanted = np.minimum(_seen(values.astype(np.float64), closes), _reach(tuple(poses)))
    wanted[:, list(covered)] = 0.0
    weights: FloatArray = bounded_least_squares(cost, _features(wanted) @ matrix).astype(np.float32)
    return weights


def bounded_least_squares(cost: DoubleArray, pull: DoubleArray) -> DoubleArray:
    """The w in [0, 1] with the least w·cost·w / 2 - pull·w, for each row of `pull`: [rows, n].

    cost: [n, n], symmetric and positive definite. pull: [rows, n].

    Block principal pivoting (Júdice and Pires 1994, "A block principal pivoting algorithm for large-scale strictly
    monotone linear complementarity problems"): guess which weights are at 0, at 1 or between, solve, and change the
    guess where it was wrong, for all rows at once; one wrong weight at a time where that makes no progress, which
    always ends.
    """
    count = cost.shape[0]
    weights = np.zeros(pull.shape)
    low, high = pull <= 0, np.zeros(pull.shape, bool)
    fewest, patience = np.full(len(pull), count + 1), np.full(len(pull), PATIENCE)
    tolerance = 1e-10 * max(1.0, float(np.abs(pull).max(initial=0.0)))
    rows = np.arange(len(pull))
    while len(rows):
        free = ~(low[rows] | high[rows])
        solved = _solve(cost, pull[rows], free, high[rows])
        slope = solved @ cost - pull[rows]
        below, above = free & (solved < -tolerance), free & (solved > 1 + tolerance)
        wrong = below | above | (low[rows] & (slope < -tolerance)) | (high[rows] & (slope > tolerance))
        many = wrong.sum(axis=1)
        weights[rows] = np.clip(solved, 0, 1)
        progress = many < fewest[rows]
        fewest[rows] = np.minimum(many, fewest[rows])
        patience[rows] = np.where(progress, PATIENCE, patience[rows] - 1)
        slow = patience[rows] < 0
        wrong[slow] &= np.arange(count) == _last(wrong[slow])[:, None]
        low[rows] = (low[rows] & ~wrong) | (below & wrong)
        high[rows] = (high[rows] & ~wrong) | (above & wrong)
        rows = rows[many > 0]
    return weights


def _solve(cost: DoubleArray, pull: DoubleArray, free: BoolArray, high: BoolArray) -> DoubleArray:
    """The best weights where those that are not free stay at 0 or 1; equal sets of free ones are inverted once."""
    packed = np.packbits(free, axis=1)
    _, first, kind = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    sets = free[first]
    matrices = np.where(sets[:, :, None] & sets[:, None, :], cost, 0.0)
    matrices += np.eye(cost.shape[0]) * ~sets[:, None, :]
    inverse = np.linalg.inv(matrices)
    rest = np.where(free, pull - high @ cost, 0.0)
    solved: DoubleArray = (inverse[kind.ravel()] @ rest[:, :, None])[:, :, 0]
    return solved * free + high


def _last(wrong: BoolArray) -> npt.NDArray[np.int64]:
    """Index of the last True of each row."""
    last: npt.NDArray[np.int64] = wrong.shape[1] - 1 - wrong[:, ::-1].argmax(axis=1)
    return last


@lru_cache(maxsize=64)
def _basis(poses: tuple[str, ...], closes: bool) -> tuple[DoubleArray, DoubleArray]:
    """The poses as features [features, poses], and their products with a ridge [poses, poses]."""
    matrix = _features(_seen(np.stack([POSES[name].vector() for name in poses]), closes)).T
    products = matrix.T @ matrix
    size = np.diag(products)
    overlaps = (np.abs(products) > 1e-9).sum(axis=1) > 1  # what stands alone needs no ridge, and reaches its full value
    reluctance = np.array([POSES[name].reluctance for name in poses])
    return matrix, products + np.diag(RIDGE * size * reluctance * overlaps)


@lru_cache(maxsize=64)
def _reach(poses: tuple[str, ...]) -> DoubleArray:
    """How much of each blendshape may be asked for: [52]."""
    furthest = np.stack([POSES[name].vector() for name in poses]).max(axis=0)
    of_a_mood = np.array([name.startswith(_MOODS) for name in CHANNEL])
    return np.where(of_a_mood, furthest, np.inf)


def _seen(values: DoubleArray, closes: bool) -> DoubleArray:
    """The values, less what cannot be seen of them: a copy.

    closes: whether the face has a mouthClose of its own. Where not, a jaw that is open behind shut lips cannot be had.
    """
    gap = lip_opening(values)
    seen = values.copy()
    if not closes:
        seen[:, CHANNEL["jawOpen"]] -= seen[:, CHANNEL["mouthClose"]]
        seen[:, CHANNEL["mouthClose"]] = 0.0
    seen[:, [CHANNEL[name] for name in _PRESSED]] *= np.clip(1 - gap / _PARTED, 0, 1)[:, None]
    return seen


def _features(values: DoubleArray) -> DoubleArray:
    """What counts of the weights [n, 52], by how much it counts: [n, 53]."""
    gap = GAP_IMPORTANCE * (values @ _weights(LIP_OPENING, 0.0))
    return np.concatenate([values * _importance(), gap[:, None]], axis=1)


def _importance() -> DoubleArray:
    sided = {name + side: weight for name, weight in _IMPORTANCE.items() for side in ("", "Left", "Right")}
    return _weights(sided, _DEFAULT_IMPORTANCE)


def _weights(named: dict[str, float], other: float) -> DoubleArray:
    return np.array([named.get(name, other) for name in CHANNEL])

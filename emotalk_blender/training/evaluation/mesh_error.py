# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's errors on a mesh: of the lips (LVE) and of eyes and forehead (EVE).

Per frame the largest distance between a vertex and where it should be, averaged over the frames (Peng et al. 2023,
section 4.2, after Richard et al. 2021, "MeshTalk"), in the mesh's own unit: centimetres on ICT FaceKit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...curves import ARKIT_NAMES, CHANNEL, BoolArray, DoubleArray, FloatArray
from ...errors import EmoTalkError
from ...rig.shape_keys import match_shape_keys

LIP_SHAPES = ("mouthRollLower", "mouthRollUpper", "mouthClose")
LIP_PART = 0.5
"""Lip vertices move at least that part of the most that one of LIP_SHAPES moves any."""
UPPER_SHAPES = ("brow", "eyeBlink", "eyeSquint", "eyeWide")
UPPER_PART = 0.25
"""The same for eyes and forehead, on which movements fade out more slowly."""

NOT_HEARD = np.array([name.startswith("eyeBlink") for name in ARKIT_NAMES])
"""Channels that are left out of the errors, bool [52]: nobody hears a blink, and the add-on makes its own."""
_BROWS = np.array([name.startswith("brow") for name in ARKIT_NAMES])
_BLOCK = 256


@dataclass(frozen=True)
class FaceMesh:
    """How far each blendshape moves the vertices that are judged: [52, vertices, 3] for lips, and eyes and forehead."""

    lips: FloatArray
    upper: FloatArray


@dataclass(frozen=True)
class VertexError:
    """The largest distance of each frame, and its square (some papers print that), averaged over the frames."""

    distance: float
    squared: float


@dataclass(frozen=True)
class VertexErrors:
    """LVE and EVE; the latter is None where nobody knows what the upper face did."""

    lve: VertexError
    eve: VertexError | None


def read_mesh(path: Path) -> FaceMesh:
    """A mesh of an .npz: `names` [keys] of its shape keys and `deltas` [keys, vertices, 3].

    The names may be spelt in any way that rig.shape_keys understands. Raises EmoTalkError where the file is no such
    mesh, or has no shapes of lips or brows.
    """
    try:
        with np.load(path, allow_pickle=False) as arrays:
            names, deltas = [str(name) for name in arrays["names"]], np.asarray(arrays["deltas"], np.float32)
    except (OSError, KeyError, ValueError, TypeError, EOFError) as error:
        raise EmoTalkError(f"{path} is no mesh. Choose an .npz with names [keys] and deltas [keys, n, 3].") from error
    if deltas.ndim != 3 or deltas.shape[0] != len(names) or deltas.shape[2] != 3:
        raise EmoTalkError(f"{path} holds deltas {list(deltas.shape)} for {len(names)} names, not [keys, n, 3].")
    moves = np.zeros((len(ARKIT_NAMES), *deltas.shape[1:]), np.float32)
    for key, channel in match_shape_keys(names).channels.items():
        moves[channel] += deltas[names.index(key)]
    lips, upper = region(moves, LIP_SHAPES, LIP_PART), region(moves, UPPER_SHAPES, UPPER_PART)
    if not lips.any() or not upper.any():
        raise EmoTalkError(f"{path} has no shapes that move the lips, or none that move the brows. Choose another.")
    return FaceMesh(moves[:, lips], moves[:, upper])


def region(moves: FloatArray, shapes: tuple[str, ...], part: float) -> BoolArray:
    """Which vertices the shapes (by how their names begin) move most: bool [vertices], of moves [52, vertices, 3]."""
    distance = np.linalg.norm(moves, axis=2)
    chosen = np.zeros(moves.shape[1], np.bool_)
    for name, channel in CHANNEL.items():
        largest = distance[channel].max(initial=0.0)
        if name.startswith(shapes) and largest > 0:
            chosen |= distance[channel] >= part * largest
    return chosen


def vertex_errors(mesh: FaceMesh, found: FloatArray, true: FloatArray, known: BoolArray) -> VertexErrors:
    """The errors of curves [frames, 52] against the true ones; channels whose truth is not known err by nothing."""
    difference = (found - true) * (known & ~NOT_HEARD)
    upper_known = bool((known & _BROWS).any())
    return VertexErrors(_error(difference, mesh.lips), _error(difference, mesh.upper) if upper_known else None)


def mean_errors(errors: Sequence[VertexErrors], weights: Sequence[float]) -> VertexErrors:
    """Averages with weights; the EVE of those that have one."""
    upper = [(error.eve, weight) for error, weight in zip(errors, weights, strict=True) if error.eve is not None]
    return VertexErrors(
        _mean_error([error.lve for error in errors], weights),
        _mean_error([error for error, _ in upper], [weight for _, weight in upper]) if upper else None,
    )


def _mean_error(errors: Sequence[VertexError], weights: Sequence[float]) -> VertexError:
    rows = np.array([(error.distance, error.squared) for error in errors])
    return VertexError(*(float(value) for value in np.average(rows, axis=0, weights=weights)))


def _error(difference: FloatArray, moves: FloatArray) -> VertexError:
    largest = _largest(difference, moves)
    return VertexError(float(largest.mean()), float(np.square(largest).mean()))


def _largest(difference: FloatArray, moves: FloatArray) -> DoubleArray:
    """The largest distance of a vertex in each frame: [frames], of [frames, 52] and [52, vertices, 3]."""
    used = np.abs(difference).max(axis=0, initial=0.0) > 0
    axes = [np.ascontiguousarray(moves[used, :, axis]) for axis in range(3)]
    result = np.zeros(len(difference))
    for first in range(0, len(difference), _BLOCK):  # block by block, to bound the memory
        block = difference[first : first + _BLOCK, used]
        squares = sum((np.square(block @ axis) for axis in axes), np.zeros(1, np.float32))
        result[first : first + _BLOCK] = np.sqrt(squares.max(axis=1))
    return result

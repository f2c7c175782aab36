# SPDX-License-Identifier: GPL-3.0-or-later
"""Few Bezier keys in place of one on every frame.

A curve is given keys where an animator would look for them: its ends, its peaks and valleys, and frames the caller
wants kept. Wherever the Bezier curve through them is off by more than the tolerance, the frame that is furthest off
gets a key too, until no frame is. The handles are a third of the way to the neighbouring keys, so that the curve is
the cubic Hermite polynomial of the slopes at its keys, and the slopes are the performance's own, limited as by
Fritsch and Carlson (1980, Monotone piecewise cubic interpolation): flat at peaks, valleys and holds, and nowhere past
the values of the two keys around.

All curves are worked on at once, one after the other in flat arrays. What lies between two peaks depends on nothing
beyond them, so that a change at one place leaves the keys at others alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..curves import BoolArray, DoubleArray, FloatArray, lip_opening
from .keys import FrameArray, HandleType, Keys, dense_keys, new_keys
from .lips import CLOSED

_Places = npt.NDArray[np.intp]

_STEEPEST = 3.0
"""How many times steeper than the chord a slope may be: up to there a cubic stays monotone (Fritsch and Carlson)."""

_FIRST_MINUTES = 4096
"""Frames; float32 rounds those up to twice as far alike."""

_ROUNDING = 4e-6
"""By how much, as a part of the values, Blender's own float32 arithmetic is off at most; seen: 2e-6."""


def reduce_keys(frames: FrameArray, values: FloatArray, tolerance: float, kept: BoolArray | None = None) -> list[Keys]:
    """Sparse keys of each curve, which Blender's curve through them follows within the tolerance at every frame.

    frames: [n], consecutive whole frames. values: [n, curves]. tolerance: 0 or above; at 0, a key on every frame.
    kept: [n, curves], frames that get a key in any case, as do both ends and every peak and valley that is more than
    the tolerance high.

    Each key has the value of its frame. Raises ValueError for shapes that do not fit and frames that leave gaps.
    """
    count, curves = values.shape
    if frames.shape != (count,) or (np.diff(frames) != 1).any():
        raise ValueError("key reduction needs consecutive frames, one for each row of values")
    if kept is not None and kept.shape != values.shape:
        raise ValueError(f"kept frames need shape {list(values.shape)}, not {list(kept.shape)}")
    if tolerance <= 0 or count < 2:
        return [dense_keys(frames, values[:, curve]) for curve in range(curves)]
    levels = np.ascontiguousarray(values.T, np.float64)
    has_key = _turning_points(levels, tolerance)
    has_key[:, [0, -1]] = True
    if kept is not None:
        has_key |= kept.T
    level, trend = levels.ravel(), np.gradient(levels, axis=1).ravel()
    # Handles are at thirds of a frame, which float32 rounds by half a spacing, more the further on the timeline they
    # are; as for the first minutes everywhere, so that a strip that is moved there keeps its keys.
    furthest = max(abs(int(frames[0])), abs(int(frames[-1])), _FIRST_MINUTES)
    blur = float(np.spacing(np.float32(furthest)) / 2)
    places = _places_within(_Lines(level, trend, count), has_key.ravel(), tolerance, blur)
    keys = _with_handles(frames, level, _slopes(places, level, trend, count), places, count)
    starts = np.searchsorted(places, np.arange(curves + 1) * count)
    return [keys[first:last] for first, last in pairwise(starts)]


def closure_frames(values: FloatArray) -> BoolArray:
    """The frames on which the lips of weights [n, 52] close: the deepest of each closure, both ends of a held one."""
    opening = lip_opening(values).astype(np.float64)
    closed = opening < CLOSED
    if not closed.any():
        return closed
    edges = np.flatnonzero(np.diff(np.r_[False, closed, False]))
    found = np.zeros(len(values), bool)
    for first, last in edges.reshape(-1, 2):
        shut = first + np.flatnonzero(opening[first:last] <= opening[first:last].min() + CLOSED / 10)
        found[shut[[0, -1]]] = True
    return found


def _turning_points(levels: DoubleArray, height: float) -> BoolArray:
    """Peaks and valleys of each row that are more than `height` high on both sides, plateaus at both of their ends.

    levels: [curves, n]. Of the alternating peaks and valleys, the neighbours that differ least are taken out in pairs
    until what is left differs by more than the height (the rainflow method's way of counting cycles).
    """
    curves, count = levels.shape
    flat = levels.ravel()
    rows = np.arange(curves) * count
    same = np.r_[False, flat[1:] == flat[:-1]]
    same[rows] = False
    first = np.flatnonzero(~same)  # of each run of equal values
    last = np.r_[first[1:], len(flat)] - 1
    value = flat[first]
    row = first // count
    is_end = (first % count == 0) | ((last + 1) % count == 0)
    rises = np.diff(value) > 0
    turns = is_end.copy()
    turns[1:-1] |= rises[1:] != rises[:-1]
    first, last, value, row, is_end = first[turns], last[turns], value[turns], row[turns], is_end[turns]
    while len(value) > 2:
        step = np.abs(np.diff(value))
        step[row[1:] != row[:-1]] = np.inf
        beside = np.r_[np.inf, step, np.inf]
        small = (step <= height) & (step <= beside[:-2]) & (step < beside[2:])
        # An end stays, and stands for what is taken out beside it.
        value = np.where(is_end & np.r_[small, False], np.r_[value[1:], 0], value)
        value = np.where(is_end & np.r_[False, small], np.r_[0, value[:-1]], value)
        gone = np.r_[small, False] | np.r_[False, small]
        gone &= ~is_end
        if not gone.any():
            break
        first, last, value, row, is_end = first[~gone], last[~gone], value[~gone], row[~gone], is_end[~gone]
    found = np.zeros(len(flat), bool)
    found[first] = found[last] = True
    return found.reshape(curves, count)


@dataclass(frozen=True)
class _Lines:
    """Curves of `count` frames one after the other in flat arrays: value and trend of each frame."""

    level: DoubleArray
    trend: DoubleArray
    count: int


def _places_within(lines: _Lines, has_key: BoolArray, tolerance: float, blur: float) -> _Places:
    """Where keys are needed for every frame to be within the tolerance: indices into the flat arrays."""
    while True:
        places = np.flatnonzero(has_key)
        slopes = _slopes(places, lines.level, lines.trend, lines.count)
        off, room = _misses(places, lines.level, slopes, tolerance, blur)
        too_far = off > room
        if not too_far.any():
            return places
        segment = np.cumsum(has_key) - 1
        worst = np.maximum.reduceat(np.where(too_far, off, 0), places)
        has_key = has_key | (too_far & (off == worst[segment]))


def limited_slopes(frames: DoubleArray, values: DoubleArray, trend: DoubleArray) -> DoubleArray:
    """Slope at each key of one curve, value per frame: the trend, where that passes neither neighbour.

    frames, values, trend: [keys]; frames in order, no two alike. Flat where the neighbours lie on the same side.
    """
    chord = np.diff(values) / np.diff(frames)
    if len(chord) == 0:
        return np.zeros(len(values))
    return _limited(np.r_[chord[0], chord], np.r_[chord, chord[-1]], trend)


def _slopes(places: _Places, level: DoubleArray, trend: DoubleArray, count: int) -> DoubleArray:
    """limited_slopes() of curves of `count` frames in flat arrays."""
    chord = np.diff(level[places]) / np.diff(places)
    left, right = np.r_[0.0, chord], np.r_[chord, 0.0]
    inner = places % count
    left = np.where(inner == 0, right, left)
    return _limited(left, np.where(inner == count - 1, left, right), trend[places])


def _limited(left: DoubleArray, right: DoubleArray, trend: DoubleArray) -> DoubleArray:
    limit = np.where(left * right > 0, _STEEPEST * np.minimum(np.abs(left), np.abs(right)), 0)
    slopes: DoubleArray = np.sign(left) * np.minimum(np.maximum(np.sign(left) * trend, 0), limit)
    return slopes


def _misses(
    places: _Places, level: DoubleArray, slopes: DoubleArray, tolerance: float, blur: float
) -> tuple[DoubleArray, DoubleArray]:
    """How far the curve is off at each frame, and how far it may be, with room for what float32 rounds."""
    length = np.r_[np.diff(places), 1]
    rise = np.r_[np.diff(level[places]), 0.0]
    high = np.maximum(np.abs(level[places]), np.r_[np.abs(level[places[1:]]), 0.0])
    room = tolerance - _ROUNDING * high - blur * _STEEPEST * np.abs(rise) / length
    out, into = slopes * length, np.r_[slopes[1:], 0.0] * length

    # p(t) = start + t (out + t (a + t b)), the cubic Hermite polynomial of each segment.
    a, b = 3 * rise - 2 * out - into, out + into - 2 * rise
    along = np.arange(len(level)) - np.repeat(places, length)
    t = along / np.repeat(length, length)
    curve = np.repeat(level[places], length) + t * (
        np.repeat(out, length) + t * (np.repeat(a, length) + t * np.repeat(b, length))
    )
    off = np.abs(curve - level)
    off[places] = -np.inf
    return off, np.repeat(room, length)


def _with_handles(frames: FrameArray, level: DoubleArray, slopes: DoubleArray, places: _Places, count: int) -> Keys:
    """Keys with aligned handles of these slopes, a third of the way to their neighbours, as long outwards at ends."""
    inner = places % count
    keys = new_keys(frames[inner], level[places], HandleType.ALIGNED)
    after = np.r_[np.diff(places), 1] / 3
    before = np.r_[1, np.diff(places)] / 3
    after, before = np.where(inner == count - 1, before, after), np.where(inner == 0, after, before)
    for name, reach in (("handle_left", -before), ("handle_right", after)):
        keys[name][:, 0] = keys["co"][:, 0] + reach
        # Along the slope to where float32 puts the handle, so that both sides stay aligned.
        keys[name][:, 1] = level[places] + slopes * (keys[name][:, 0].astype(np.float64) - keys["co"][:, 0])
    return keys

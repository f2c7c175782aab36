# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an f-curve as plain arrays, and the curve through them as Blender draws it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from ..curves import FloatArray
from . import blender_easing

FrameArray = npt.NDArray[np.int64]
TimeArray = npt.NDArray[np.float64]

FrameRange = tuple[int, int]
"""First and last frame."""

KEY = np.dtype(
    [
        ("co", "<f4", 2),
        ("handle_left", "<f4", 2),
        ("handle_right", "<f4", 2),
        ("handle_left_type", "<i4"),
        ("handle_right_type", "<i4"),
        ("interpolation", "<i4"),
        ("type", "<i4"),
        ("easing", "<i4"),
        ("back", "<f4"),
        ("amplitude", "<f4"),
        ("period", "<f4"),
    ]
)
"""A keyframe as Blender stores it, named as in bpy.types.Keyframe; points are (frame, value). Selection is no part."""

Keys = npt.NDArray[np.void]
"""Keys of one f-curve: KEY [keys], in the order of their frames."""

EASING_DEFAULTS = (1.70158, 0.8, 4.1)
"""Back, amplitude and period that Blender's own new keys have; keys that are added in bulk have zeros."""

ON_FRAME = 1e-4
"""Frames under which Blender gives a key's own value for the curve's."""


SAME_FRAME = 0.01
"""Frames under which Blender takes two keys for one and drops one of them."""


class Interpolation(IntEnum):
    """How the curve goes on from a key, as Blender stores it; those after BEZIER are eased."""

    CONSTANT = 0
    LINEAR = 1
    BEZIER = 2
    BACK = 3
    BOUNCE = 4
    CIRC = 5
    CUBIC = 6
    ELASTIC = 7
    EXPO = 8
    QUAD = 9
    QUART = 10
    QUINT = 11
    SINE = 12


_EASED: dict[int, tuple[blender_easing.Eased, blender_easing.Ease]] = {
    Interpolation.BACK: (blender_easing.back, blender_easing.Ease.OUT),
    Interpolation.BOUNCE: (blender_easing.bounce, blender_easing.Ease.OUT),
    Interpolation.CIRC: (blender_easing.circle, blender_easing.Ease.IN),
    Interpolation.CUBIC: (blender_easing.power(3), blender_easing.Ease.IN),
    Interpolation.ELASTIC: (blender_easing.elastic, blender_easing.Ease.OUT),
    Interpolation.EXPO: (blender_easing.exponential, blender_easing.Ease.IN),
    Interpolation.QUAD: (blender_easing.power(2), blender_easing.Ease.IN),
    Interpolation.QUART: (blender_easing.power(4), blender_easing.Ease.IN),
    Interpolation.QUINT: (blender_easing.power(5), blender_easing.Ease.IN),
    Interpolation.SINE: (blender_easing.sine, blender_easing.Ease.IN),
}
"""Each eased interpolation, and where Blender eases it by itself."""


class HandleType(IntEnum):
    """Handle types as Blender stores them."""

    FREE = 0
    AUTO = 1
    VECTOR = 2
    ALIGNED = 3
    AUTO_CLAMPED = 4


class KeyType(IntEnum):
    """Key types as Blender stores them: what a key is to the animator, and its colour."""

    KEYFRAME = 0
    EXTREME = 1
    BREAKDOWN = 2
    JITTER = 3
    MOVING_HOLD = 4
    GENERATED = 5


def new_keys(frames: npt.NDArray[Any], values: npt.NDArray[Any], handles: HandleType) -> Keys:
    """Generated Bezier keys on these frames, in order; the handles lie on the keys until they are set."""
    keys = np.zeros(len(frames), KEY)
    keys["co"][:, 0] = frames
    keys["co"][:, 1] = values
    keys["handle_left"] = keys["handle_right"] = keys["co"]
    keys["handle_left_type"] = keys["handle_right_type"] = handles
    keys["interpolation"] = Interpolation.BEZIER
    keys["type"] = KeyType.GENERATED
    keys["back"], keys["amplitude"], keys["period"] = EASING_DEFAULTS
    return keys


def dense_keys(frames: FrameArray, values: FloatArray) -> Keys:
    """A key on each frame, with handles that Blender sets and clamps: the curve stays within its values.

    frames, values: [keys], in order. The handles are a third of the way to the neighbours, flat, until Blender sets
    them; on whole frames they change nothing.
    """
    keys = new_keys(frames, values, HandleType.AUTO_CLAMPED)
    gaps = np.diff(keys["co"][:, 0]) / 3
    keys["handle_right"][:-1, 0] += gaps
    keys["handle_left"][1:, 0] -= gaps
    return keys


def evaluate(keys: Keys, frames: npt.NDArray[Any]) -> FloatArray:
    """The curve through the keys at these frames, as Blender evaluates it with the handles as they are: [frames].

    Before the first key and after the last the curve stays at their values. Raises ValueError without keys.
    """
    if len(keys) == 0:
        raise ValueError("a curve without keys has no values")
    times = np.asarray(frames, np.float64)
    points = keys["co"].astype(np.float64)
    key_frames = points[:, 0]
    left = np.searchsorted(key_frames, times + ON_FRAME, side="right") - 1
    clamped = (left < 0) | (left >= len(keys) - 1)
    left = np.clip(left, 0, len(keys) - 1)
    values = points[left, 1]
    between = ~clamped & (times - key_frames[left] > ON_FRAME)
    for kind in np.unique(keys["interpolation"][left[between]]):
        if kind == Interpolation.CONSTANT:
            continue
        chosen = np.flatnonzero(between & (keys["interpolation"][left] == kind))
        first, last = keys[left[chosen]], keys[left[chosen] + 1]
        if kind == Interpolation.BEZIER:
            values[chosen] = _bezier(first, last, times[chosen])
        elif kind in _EASED:
            values[chosen] = _eased(first, last, times[chosen])
        else:
            values[chosen] = _linear(first, last, times[chosen])
    shown: FloatArray = values.astype(np.float32)
    return shown


def slope_at(keys: Keys, frames: npt.NDArray[Any], within: FrameArray) -> FloatArray:
    """How steep the curve is around these frames, value per frame: [frames].

    Over a frame before and after, as far as these lie in the range `within`, given by its frames.
    """
    times = np.asarray(frames, np.float64)
    before, after = np.maximum(times - 1, within[0]), np.minimum(times + 1, within[-1])
    rise = evaluate(keys, after).astype(np.float64) - evaluate(keys, before)
    slope: FloatArray = (rise / np.maximum(after - before, ON_FRAME)).astype(np.float32)
    return slope


def _linear(first: Keys, last: Keys, times: TimeArray) -> TimeArray:
    start, end = first["co"].astype(np.float64), last["co"].astype(np.float64)
    part = (times - start[:, 0]) / (end[:, 0] - start[:, 0])
    values: TimeArray = start[:, 1] + part * (end[:, 1] - start[:, 1])
    return values


def _eased(first: Keys, last: Keys, times: TimeArray) -> TimeArray:
    """Values between keys that are all of one eased interpolation."""
    start, end = first["co"].astype(np.float64), last["co"].astype(np.float64)
    change, duration = end[:, 1] - start[:, 1], end[:, 0] - start[:, 0]
    numbers = (first[name].astype(np.float64) for name in ("back", "amplitude", "period"))
    swing = np.stack([change, duration, *numbers])
    time = (times - start[:, 0]) / duration
    curve, automatic = _EASED[Interpolation(first["interpolation"][0])]
    eases = np.where(first["easing"] == blender_easing.Ease.AUTO, automatic, first["easing"])
    values: TimeArray = np.empty(len(times))
    for ease in np.unique(eases):
        chosen = eases == ease
        part = blender_easing.eased(
            curve, blender_easing.Ease(ease), time[chosen], blender_easing.Swing(*swing[:, chosen])
        )
        values[chosen] = start[chosen, 1] + part * change[chosen]
    return values


def _bezier(first: Keys, last: Keys, times: TimeArray) -> TimeArray:
    """Values of the Bezier curves from `first` to `last` at one time each: [times].

    A handle that is longer than the segment is shortened to its length, its direction kept, so time never runs back.
    """
    p0, p3 = first["co"].astype(np.float64), last["co"].astype(np.float64)
    length = p3[:, 0] - p0[:, 0]
    out = first["handle_right"].astype(np.float64) - p0
    back = last["handle_left"].astype(np.float64) - p3
    out *= _shortening(out[:, 0], length)[:, None]
    back *= _shortening(back[:, 0], length)[:, None]

    a = out[:, 0] / length
    b = 1 + back[:, 0] / length
    t = _parameter((times - p0[:, 0]) / length, a, b)
    rest = 1 - t
    return np.asarray(
        p0[:, 1] * rest**3
        + 3 * (p0[:, 1] + out[:, 1]) * rest**2 * t
        + 3 * (p3[:, 1] + back[:, 1]) * rest * t**2
        + p3[:, 1] * t**3
    )


def _shortening(handle: TimeArray, length: TimeArray) -> TimeArray:
    reach = np.abs(handle)
    return np.where(reach > length, length / np.maximum(reach, length), 1.0)


def _parameter(x: TimeArray, a: TimeArray, b: TimeArray) -> TimeArray:
    """The t at which the Bezier polynomial with control values 0, a, b, 1 is x: Newton's steps within a bracket."""
    t = x.copy()
    low, high = np.zeros_like(x), np.ones_like(x)
    for _ in range(60):
        error = ((1 + 3 * (a - b)) * t + 3 * (b - 2 * a)) * t * t + 3 * a * t - x
        if not np.any(np.abs(error) > 1e-12):
            break
        low = np.where(error < 0, t, low)
        high = np.where(error > 0, t, high)
        slope = 3 * (1 + 3 * (a - b)) * t * t + 6 * (b - 2 * a) * t + 3 * a
        with np.errstate(divide="ignore", invalid="ignore"):
            step = t - error / slope
        inside = (step > low) & (step < high)
        t = np.where(error == 0, t, np.where(inside, step, (low + high) / 2))
    return t


def shifted(keys: Keys, by: float) -> Keys:
    """The same keys this many frames later."""
    moved = keys.copy()
    for name in ("co", "handle_left", "handle_right"):
        moved[name][:, 0] += np.float32(by)
    return moved


def cut(keys: Keys, first: int, last: int) -> Keys:
    """The keys from frame `first` to `last`, with a new key on either where the curve goes on beyond it."""
    if len(keys) == 0:
        return keys
    frames = keys["co"][:, 0]
    inside = keys[(frames >= first - ON_FRAME) & (frames <= last + ON_FRAME)]
    ends = [
        end
        for end, goes_on in ((first, frames[0] < first < frames[-1]), (last, frames[0] < last < frames[-1]))
        if goes_on and not (np.abs(frames - end) <= ON_FRAME).any()
    ]
    border = new_keys(np.array(ends), evaluate(keys, np.array(ends)), HandleType.AUTO_CLAMPED)
    both: Keys = np.concatenate([inside, border])
    both = both[np.argsort(both["co"][:, 0], kind="stable")]
    return both

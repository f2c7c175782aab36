# SPDX-License-Identifier: GPL-3.0-or-later
"""A new performance with the artist's edits of an earlier one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..curves import BoolArray, DoubleArray, FloatArray
from .edit_record import SAME_VALUE, Baked, Edits, Spans, same_keys
from .keys import SAME_FRAME, FrameArray, HandleType, Keys, KeyType, dense_keys, evaluate, new_keys, slope_at
from .reduction import limited_slopes

Write = Callable[[Keys], Keys]
"""Puts keys onto an f-curve, in place of those of the last bake; returns them with the handles Blender gives them."""

_SET_BY_BLENDER = (HandleType.AUTO, HandleType.AUTO_CLAMPED, HandleType.VECTOR)


@dataclass(frozen=True)
class Fit:
    """How closely keys follow, and the range of the slider.

    tolerance: value by which the curve may be off at a frame; 0 puts a key on every frame.
    low, high: the values the slider can take.
    """

    tolerance: float
    low: float = 0.0
    high: float = 1.0

    def clip(self, values: npt.NDArray[Any]) -> DoubleArray:
        """The values clamped to the range of the slider, float64."""
        return np.clip(values.astype(np.float64), self.low, self.high)


@dataclass(frozen=True)
class NewPerformance:
    """One curve of a performance, without any edits: its keys over all of `frames`, the whole frames of the range."""

    keys: Keys
    frames: FrameArray
    fit: Fit


def carry_edits(edits: Edits, new: NewPerformance, write: Write, shown: Baked | None = None) -> Baked:
    """Write a new performance onto an f-curve, with the artist's changes. Returns what to remember of it.

    write: called with all keys at the end; before that only to learn of handles that Blender sets, where the artist's
    keys have such.
    shown: the performance these edits were last seen on, and the keys that are on the f-curve now (`written`), if all
    of it still lies where it did: where the performance has not changed, these keys come back bit for bit.
    """
    return Baked(new.keys, write(_carried(edits, new, write, shown)), edits)


def _carried(edits: Edits, new: NewPerformance, write: Write, shown: Baked | None) -> Keys:
    """The keys of a new performance with the artist's changes."""
    if not edits:
        return new.keys
    if shown is not None and same_keys(new.keys, shown.performed):
        return _marked(shown.written, edits)
    if edits.cleared:
        return new.keys[:0]
    spans = _widened(edits.spans(), new.keys, new.frames)
    if len(spans) == 0:
        return new.keys

    frames, places = new.frames, new.keys["co"][:, 0]
    offsets = edits.at(frames)
    target = new.fit.clip(evaluate(new.keys, frames).astype(np.float64) + offsets)
    own = _lifted(edits, new)
    # The first and last frame are no inside of any stretch, but may be edited as well.
    free = _inside(frames, spans) | (np.isin(frames, frames[[0, -1]]) & (offsets != 0))
    replaced = _inside(places, spans) | np.isin(places, frames[free]) | _near(places, own["co"][:, 0])
    if shown is not None:
        for first, last in spans:
            found = _as_shown(edits, new, shown, (first, last), target)
            if found is not None:
                own = _in_order(np.concatenate([own[~_between(own, first, last)], found]))
                free &= ~_inside(frames, np.array([[first, last]]))
    keys = _in_order(np.concatenate([new.keys[~replaced], own]))
    return _filled(keys, own["co"][:, 0], _Goal(frames, target, free, new.fit.tolerance), write)


def _widened(spans: Spans, performed: Keys, frames: FrameArray) -> Spans:
    """The stretches within the range, widened to whole segments of the performance: [stretches, 2]."""
    ends = performed["co"][:, 0].astype(np.float64)
    within = (spans[:, 1] > frames[0]) & (spans[:, 0] < frames[-1])
    united: list[tuple[float, float]] = []
    for begin, end in np.clip(spans[within], frames[0], frames[-1]):
        first = float(ends[max(np.searchsorted(ends, begin, side="right") - 1, 0)])
        last = float(ends[min(np.searchsorted(ends, end, side="left"), len(ends) - 1)])
        if united and first < united[-1][1]:
            first, last = united[-1][0], max(last, united[-1][1])
            united.pop()
        united.append((first, last))
    return np.array(united, np.float64).reshape(-1, 2)


def _lifted(edits: Edits, new: NewPerformance) -> Keys:
    """The artist's own keys within the range, moved with the performance under them."""
    keys = edits.placed_keys()
    within = _between(keys, new.frames[0] - SAME_FRAME, new.frames[-1] + SAME_FRAME)
    keys = _as_own(keys[within])
    places = keys["co"][:, 0]
    lift = evaluate(new.keys, places).astype(np.float64) - edits.base[within]
    tilt = slope_at(new.keys, places, new.frames).astype(np.float64) - edits.slope[within] / edits.step
    lift[np.abs(lift) <= SAME_VALUE] = 0
    tilt[np.abs(tilt) <= SAME_VALUE] = 0
    old = keys["co"].astype(np.float64)
    values = new.fit.clip(old[:, 1] + lift)
    clipped = np.abs(values - old[:, 1] - lift) > SAME_VALUE
    changed = (lift != 0) | (tilt != 0) | clipped
    keys["co"][changed, 1] = values[changed]
    for name in ("handle_left", "handle_right"):
        reach = keys[name].astype(np.float64) - old
        rise = np.where(clipped, 0, reach[:, 1] + tilt * reach[:, 0])  # flat at the slider's limit
        keys[name][changed, 1] = (values + rise)[changed]
    return keys


def _as_shown(
    edits: Edits, new: NewPerformance, shown: Baked, span: tuple[float, float], target: DoubleArray
) -> Keys | None:
    """The keys inside a span as they are now, where the performance is the same there and they fit; None elsewhere."""
    first, last = span
    if new.frames[0] == first or new.frames[-1] == last:
        return None
    old = shown.performed[_between(shown.performed, first, last, with_ends=True)]
    if not same_keys(old, new.keys[_between(new.keys, first, last, with_ends=True)]):
        return None
    current = shown.written[_between(shown.written, first, last, with_ends=True)]
    at_ends = np.isin(np.array([first, last], np.float32), current["co"][:, 0])
    inside = _inside(new.frames, np.array([span]))
    if not at_ends.all():
        return None
    off = np.abs(new.fit.clip(evaluate(current, new.frames[inside])) - target[inside])
    if (off > new.fit.tolerance).any():
        return None
    return _marked(current[1:-1], edits)


@dataclass(frozen=True)
class _Goal:
    """The values that the curve shall have at these frames, and where keys may be added for that: [frames] each.

    tolerance: value by which the curve may be off at a frame; 0 puts a key on every frame.
    """

    frames: FrameArray
    values: DoubleArray
    free: BoolArray
    tolerance: float


def _filled(keys: Keys, own: FloatArray, goal: _Goal, write: Write) -> Keys:
    """These keys, with generated ones on those free frames at which the curve would be off by more than allowed.

    own: frames of the artist's keys.
    """
    frames, values = goal.frames, goal.values
    dense = goal.tolerance <= 0
    trend = np.gradient(values) if len(values) > 1 else np.zeros(1)
    generated = np.zeros(len(keys), bool)
    free = goal.free & ~_near(frames, keys["co"][:, 0])
    wanted = free if dense else free & np.isin(frames, frames[[0, -1]])
    while True:
        if wanted.any():
            keys, generated = _joined(keys, generated, frames[wanted], values[wanted], dense)
            slopes = _slopes(keys, trend, frames, dense)
            _set_handles(keys, generated, slopes)
            _shorten_handles(keys, _near(keys["co"][:, 0], own), generated)
            free = free & ~wanted
        if dense:
            return keys
        if _has_handles_of_blender(keys):
            keys = write(keys)
        off = np.abs(evaluate(keys, frames[free]) - values[free])
        wanted = np.zeros(len(frames), bool)
        wanted[free] = _worst(off, keys, frames[free], goal.tolerance)
        if not wanted.any():
            return keys


def _joined(
    keys: Keys, generated: BoolArray, frames: FrameArray, values: DoubleArray, dense: bool
) -> tuple[Keys, BoolArray]:
    """The keys with generated ones added on these frames, in order; and which of them are generated, bool [keys]."""
    new = dense_keys(frames, values.astype(np.float32)) if dense else new_keys(frames, values, HandleType.ALIGNED)
    both = np.concatenate([keys, new])
    order = np.argsort(both["co"][:, 0], kind="stable")
    return both[order], np.r_[generated, np.ones(len(new), bool)][order]


def _slopes(keys: Keys, trend: DoubleArray, frames: FrameArray, dense: bool) -> DoubleArray:
    """Slope of the curve at each key: the target's, limited; flat where Blender sets the handles anyway."""
    if dense:
        return np.zeros(len(keys))
    points = keys["co"].astype(np.float64)
    place = np.clip(np.round(points[:, 0]).astype(np.int64) - frames[0], 0, len(frames) - 1)
    return limited_slopes(points[:, 0], points[:, 1], trend[place])


def _set_handles(keys: Keys, chosen: BoolArray, slopes: DoubleArray) -> None:
    """Give the chosen keys handles of these slopes, a third of the way to their neighbours."""
    points = keys["co"].astype(np.float64)
    for name, reach in zip(("handle_left", "handle_right"), _thirds(points[:, 0]), strict=True):
        keys[name][chosen, 0] = (points[:, 0] + reach)[chosen]
        keys[name][chosen, 1] = (points[:, 1] + slopes * (keys[name][:, 0] - points[:, 0]))[chosen]


def _shorten_handles(keys: Keys, own: BoolArray, generated: BoolArray) -> None:
    """Shorten those handles of the artist's keys that point at a generated key, to a third of the way there."""
    points = keys["co"].astype(np.float64)
    left, right = _thirds(points[:, 0])
    beside_left, beside_right = np.r_[False, generated[:-1]], np.r_[generated[1:], False]
    for name, reach, beside in (("handle_left", left, beside_left), ("handle_right", right, beside_right)):
        handle = keys[name].astype(np.float64) - points
        long = own & beside & (np.abs(handle[:, 0]) > np.abs(reach))
        part = np.abs(reach[long]) / np.abs(handle[long, 0])
        keys[name][long] = points[long] + handle[long] * part[:, None]


def _thirds(places: DoubleArray) -> tuple[DoubleArray, DoubleArray]:
    """A third of the way to the key before (below 0) and to the key after; at the ends as on the other side."""
    if len(places) < 2:
        return np.zeros(len(places)), np.zeros(len(places))
    gaps = np.diff(places) / 3
    return -np.r_[gaps[0], gaps], np.r_[gaps, gaps[-1]]


def _worst(off: DoubleArray, keys: Keys, frames: FrameArray, tolerance: float) -> BoolArray:
    """The frame between each two keys at which the curve is furthest off, if that is beyond the tolerance: [frames]."""
    segment = np.searchsorted(keys["co"][:, 0], frames, side="right")
    most = np.zeros(len(keys) + 1)
    np.maximum.at(most, segment, off)
    worst: BoolArray = (off > tolerance) & (off == most[segment])
    return worst


def _as_own(keys: Keys) -> Keys:
    """A copy of the keys in which none has the key type Generated."""
    keys = keys.copy()
    keys["type"][keys["type"] == KeyType.GENERATED] = KeyType.KEYFRAME
    return keys


def _marked(keys: Keys, edits: Edits) -> Keys:
    """A copy of the keys in which the artist's own do not have the key type Generated."""
    own = _near(keys["co"][:, 0], edits.placed_keys()["co"][:, 0])
    marked = keys.copy()
    marked[own] = _as_own(keys[own])
    return marked


def _has_handles_of_blender(keys: Keys) -> bool:
    types = np.r_[keys["handle_left_type"], keys["handle_right_type"]]
    return bool(np.isin(types, _SET_BY_BLENDER).any())


def _between(keys: Keys, first: float, last: float, with_ends: bool = False) -> BoolArray:
    """Which keys lie between two frames: bool [keys]."""
    places = keys["co"][:, 0]
    between: BoolArray = (places >= first) & (places <= last) if with_ends else (places > first) & (places < last)
    return between


def _inside(places: npt.NDArray[Any], spans: Spans) -> BoolArray:
    """Which frames (`places`) lie inside one of the spans, not on their ends: bool [places]."""
    found = np.zeros(len(places), bool)
    for first, last in spans:
        found |= (places > first) & (places < last)
    return found


def _near(places: npt.NDArray[Any], keys: FloatArray) -> BoolArray:
    """Which frames (`places`) are those of a key; `keys` are the frames of the keys, in order: bool [places]."""
    if len(keys) == 0:
        return np.zeros(len(places), bool)
    after = np.minimum(np.searchsorted(keys, places), len(keys) - 1)
    before = np.maximum(after - 1, 0)
    near: BoolArray = (np.abs(keys[after] - places) < SAME_FRAME) | (np.abs(keys[before] - places) < SAME_FRAME)
    return near


def _in_order(keys: Keys) -> Keys:
    return keys[np.argsort(keys["co"][:, 0], kind="stable")]

# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist's changes to one f-curve, carried over to a new performance.

A bake remembers two curves: the performance as it was generated, and what was written onto the f-curve. Before the
next bake the f-curve is compared with what was written, key by key. Each key that differs belongs to the artist, and
the stretch from the last untouched key before it to the first one after it is edited: there the curve on the screen
less the old performance is the artist's *offset*, a small curve of its own that is zero at both ends.

The new bake adds the offset to the new performance. Outside of edited stretches its keys are the performance's, bit
for bit. Inside, the artist's own keys come back, lifted by what the performance has changed under them, and generated
keys join them only where the curve would otherwise leave "performance plus offset" by more than the tolerance.

        old performance      the artist's curve      new performance      carried over

             .                     o                                          o
            / \\                   / \\                     .                  / \\
        ---o   o---           ---o   o---            ----o  o----         ----o   o----

Offsets and own keys are remembered as the artist left them, not as the last bake drew them, so nothing wears off
however often a slider is dragged. They lie on the timeline of the sound and move with it; what lies beyond the range
of a bake waits there until the strip is long enough again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from .keys import KEY, ON_FRAME, FloatArray, FrameArray, HandleType, Keys, KeyType, dense_keys, evaluate, new_keys
from .reduction import limited_slopes

BoolArray = npt.NDArray[np.bool_]
_Spans = npt.NDArray[np.float64]

Settle = Callable[[Keys], Keys]
"""Puts keys onto an f-curve and returns them with the handles Blender gives them."""

SAME_FRAME = 0.01
"""Frames under which Blender takes two keys for one."""

SAME_HANDLE = 1e-4
"""Frames and values by which a handle may differ and be the same: Blender aligns handles anew with every change."""

SAME_VALUE = 1e-5
"""Values by which two evaluations of one curve may differ: Blender's arithmetic is float32."""

FADE = 6
"""Frames beyond the range over which an edit at its very end fades, should the range ever grow."""

_OF_THE_ARTIST = (HandleType.FREE, HandleType.ALIGNED, HandleType.VECTOR)
"""Handles that lie where somebody put them; automatic ones follow from the keys."""

_ATTRIBUTES = [name for name in KEY.names or () if name not in ("handle_left", "handle_right")]


def _no_keys() -> Keys:
    return np.empty(0, KEY)


def _none() -> FloatArray:
    return np.empty(0, np.float32)


@dataclass(frozen=True)
class Edits:
    """The artist's changes to one curve, on the timeline of the sound.

    stretches: int64 [stretches, 2], first and last frame of each, in order; they share ends at most.
    offsets: float32, value added to the performance at each frame of each stretch, ends included, one stretch after
    the other; 0 at both ends.
    keys: the artist's own keys, as they left them.
    base, slope: float32 [keys], the performance under each key at that time: its value, and its slope per frame.
    deleted: float32, frames of keys that were deleted and not replaced.
    start, step: where all these frames lie in the scene now: scene frame = start + step x frame.
    """

    stretches: FrameArray = field(default_factory=lambda: np.empty((0, 2), np.int64))
    offsets: FloatArray = field(default_factory=_none)
    keys: Keys = field(default_factory=_no_keys)
    base: FloatArray = field(default_factory=_none)
    slope: FloatArray = field(default_factory=_none)
    deleted: FloatArray = field(default_factory=_none)
    start: float = 0.0
    step: float = 1.0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return len(self.stretches) > 0

    def shifted(self, by: float) -> Edits:
        """The edits when the sound plays this many frames later."""
        return replace(self, start=_whole(self.start + by))

    def rescaled(self, about: float, by: float) -> Edits:
        """The edits when a frame of the scene is `by` frames now, and frame `about` stays (24 to 30 fps: 1.25)."""
        return replace(self, start=_whole(about + (self.start - about) * by), step=_whole(self.step * by))

    def at(self, frames: npt.NDArray[Any]) -> FloatArray:
        """The offset at frames of the scene, 0 outside of the stretches: [frames]."""
        if not self:
            return np.zeros(len(frames), np.float32)
        place = (np.asarray(frames, np.float64) - self.start) / self.step
        whole = np.round(place)
        place = np.where(np.abs(place - whole) < ON_FRAME, whole, place)
        grid = np.concatenate([np.arange(first, last + 1) for first, last in self.stretches])
        return np.interp(place, grid, self.offsets, left=0, right=0).astype(np.float32)

    def spans(self) -> _Spans:
        """First and last frame of each stretch in the scene: float64 [stretches, 2]."""
        spans: _Spans = self.start + self.step * self.stretches
        return spans

    def placed_keys(self) -> Keys:
        """The artist's own keys where they lie in the scene now; whole frames become whole frames if there is room."""
        keys = self.keys.copy()
        if self.start == 0 and self.step == 1:
            return keys
        old = keys["co"][:, 0].astype(np.float64)
        new = self.start + self.step * old
        if self.step != 1:
            rounded = np.where(old == np.round(old), np.round(new), new)
            alone = np.array([(rounded == frame).sum() == 1 for frame in rounded], bool)
            new = np.where(alone, rounded, new)
        for name in ("handle_left", "handle_right"):
            keys[name][:, 0] = new + self.step * (keys[name][:, 0] - old)
        keys["co"][:, 0] = new
        return keys

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Plain arrays of numbers, to be stored; keys as the int32 words of KEY, bit for bit."""
        return {
            "stretches": self.stretches.astype(np.int32),
            "offsets": self.offsets,
            "keys": keys_to_words(self.keys),
            "base": self.base,
            "slope": self.slope,
            "deleted": self.deleted,
            "timeline": np.array([self.start, self.step]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any]) -> Edits:
        """Back from to_arrays(); each may be any sequence of numbers. Raises ValueError where they do not fit."""
        stretches = np.asarray(arrays["stretches"], np.int64).reshape(-1, 2)
        keys = keys_from_words(arrays["keys"])
        start, step = (float(number) for number in arrays["timeline"])
        numbers = {name: _floats(arrays[name]) for name in ("offsets", "base", "slope", "deleted")}
        if len(numbers["offsets"]) != int((stretches[:, 1] - stretches[:, 0] + 1).sum()):
            raise ValueError("edits need an offset for each frame of their stretches")
        if not len(keys) == len(numbers["base"]) == len(numbers["slope"]):
            raise ValueError("edits need the performance under each of their keys")
        return cls(stretches, keys=keys, start=start, step=step, **numbers)


@dataclass(frozen=True)
class Baked:
    """What a bake remembers of one curve.

    performed: keys of the pure performance, as a bake without edits writes them.
    written: what was put onto the f-curve within the range, as Blender has it.
    edits: the artist's changes that were carried so far.
    """

    performed: Keys
    written: Keys
    edits: Edits = field(default_factory=Edits)


@dataclass(frozen=True)
class Fit:
    """How closely keys follow, and the range of the slider.

    tolerance: value by which the curve may be off at a frame; 0 puts a key on every frame.
    low, high: the values the slider can take.
    """

    tolerance: float
    low: float = 0.0
    high: float = 1.0


def count(edits: Edits) -> int:
    """How many keys of the artist's will be kept: changed, added and deleted ones."""
    return len(edits.keys) + len(edits.deleted)


def keys_to_words(keys: Keys) -> npt.NDArray[np.int32]:
    """Keys as plain int32 [keys, words], bit for bit."""
    words: npt.NDArray[np.int32] = np.ascontiguousarray(keys).view("<i4").reshape(len(keys), KEY.itemsize // 4)
    return words


def keys_from_words(words: Any) -> Keys:
    """Back from keys_to_words(), of any shape. Raises ValueError where they do not make whole keys."""
    flat = np.ascontiguousarray(np.asarray(words, "<i4").ravel())
    keys: Keys = flat.view(KEY)
    return keys


def same_keys(one: Keys, other: Keys) -> bool:
    """Whether two curves have the same keys, bit for bit."""
    return len(one) == len(other) and one.tobytes() == other.tobytes()


def find_edits(baked: Baked, current: Keys, frames: FrameArray, shown: FloatArray) -> Edits:
    """The artist's changes up to now: those remembered, and those made since the bake.

    current: the keys on the f-curve within the baked range. frames: the whole frames of that range. shown: the
    f-curve at these frames as Blender evaluates it, without modifiers: [frames].

    Stretches that are as they were written keep their offsets and keys verbatim.
    """
    if same_keys(current, baked.written):
        return baked.edits
    gaps = _changed_gaps(baked.written, current, frames, shown)
    if not gaps:
        return baked.edits
    return _with_gaps(_on_grid(baked.edits), gaps, baked, current, frames, shown)


def apply_edits(
    edits: Edits,
    performed: Keys,
    frames: FrameArray,
    fit: Fit,
    settle: Settle | None = None,
    shown: Baked | None = None,
) -> Keys:
    """Keys of a new performance with the artist's changes.

    performed: keys of the new performance over all of `frames`, the whole frames of the new range.
    settle: sets the handles that Blender computes itself; only called where the artist's keys are involved.
    shown: the performance these edits were last seen on, and the keys that are on the f-curve now (`written`), if all
    of it still lies where it did: where the performance has not changed, these keys come back bit for bit.
    """
    if not edits:
        return performed
    if shown is not None and same_keys(performed, shown.performed):
        return _marked(shown.written, edits)
    spans = _widened(edits.spans(), performed, frames)
    if len(spans) == 0:
        return performed
    return _carried(edits, performed, frames, fit, spans, settle)


def bake_again(
    baked: Baked,
    current: Keys,
    frames: FrameArray,
    shown: FloatArray,
    performed: Keys,
    fit: Fit,
    settle: Settle | None = None,
) -> Baked:
    """A new performance over the same frames, with the artist's changes, as find_edits() and apply_edits() have it."""
    edits = find_edits(baked, current, frames, shown)
    keys = apply_edits(edits, performed, frames, fit, settle, Baked(baked.performed, current))
    return Baked(performed, keys, edits)


# ---------------------------------------------------------------------------------------------------------------------
# Finding


@dataclass(frozen=True)
class _Gap:
    """A changed stretch between two untouched keys.

    first, last: their frames; half a frame beyond the range where there is none.
    open_first, open_last: whether there is none.
    own: indices of the current keys between them. deleted: frames of written keys that nothing replaces.
    moved: whether the curve is another at any frame.
    """

    first: float
    last: float
    open_first: bool
    open_last: bool
    own: npt.NDArray[np.intp]
    deleted: FloatArray
    moved: bool


def _changed_gaps(written: Keys, current: Keys, frames: FrameArray, shown: FloatArray) -> list[_Gap]:
    place = np.searchsorted(written["co"][:, 0], current["co"][:, 0])
    place = np.minimum(place, max(len(written) - 1, 0))
    alike = np.flatnonzero(_alike(written[place], current)) if len(written) else np.empty(0, np.intp)
    in_written = np.r_[-1, place[alike] if len(written) else alike, len(written)]
    in_current = np.r_[-1, alike, len(current)]
    before = evaluate(written, frames) if len(written) else np.full(len(frames), np.inf, np.float32)
    moved = np.abs(shown.astype(np.float64) - before) > SAME_VALUE
    gaps = []
    bounds = np.r_[frames[0] - 0.5, current["co"][alike, 0], frames[-1] + 0.5]
    for gap in range(len(bounds) - 1):
        old = written["co"][in_written[gap] + 1 : in_written[gap + 1], 0]
        own = np.arange(in_current[gap] + 1, in_current[gap + 1])
        inside = (frames > bounds[gap]) & (frames < bounds[gap + 1])
        other = bool(moved[inside].any())
        if len(old) or len(own) or other:
            lost = old[~np.isin(old, current["co"][own, 0])]
            added = len(own) - (len(old) - len(lost))
            gaps.append(
                _Gap(
                    float(bounds[gap]),
                    float(bounds[gap + 1]),
                    gap == 0,
                    gap == len(bounds) - 2,
                    own,
                    lost[added:],
                    other,
                )
            )
    return gaps


def _alike(one: Keys, other: Keys) -> BoolArray:
    """Which keys are the same to an artist: [keys]."""
    same = np.ones(len(one), bool)
    for name in _ATTRIBUTES:
        equal = one[name] == other[name]
        same &= equal.all(axis=-1) if equal.ndim > 1 else equal
    for side in ("left", "right"):
        placed = np.isin(one[f"handle_{side}_type"], _OF_THE_ARTIST)
        apart = np.abs(one[f"handle_{side}"].astype(np.float64) - other[f"handle_{side}"]).max(axis=-1)
        same &= ~placed | (apart <= SAME_HANDLE)
    return same


def _with_gaps(
    edits: Edits, gaps: list[_Gap], baked: Baked, current: Keys, frames: FrameArray, shown: FloatArray
) -> Edits:
    """These edits, with the changed gaps in place of what they had there."""
    performed = evaluate(baked.performed, frames).astype(np.float64)
    begin = min([int(frames[0]) - FADE, *edits.stretches[:, 0].tolist()])
    end = max([int(frames[-1]) + FADE, *edits.stretches[:, 1].tolist()])
    grid = np.arange(begin, end + 1)
    offsets = edits.at(grid)
    stretches = [(int(first), int(last)) for first, last in edits.stretches]
    own, deleted = [], list(edits.deleted)
    kept = np.ones(len(edits.keys), bool)
    for gap in gaps:
        inside = (frames > gap.first) & (frames < gap.last)
        if gap.moved:
            difference = (shown - performed)[inside]
            difference[np.abs(difference) <= SAME_VALUE] = 0
            offsets[frames[inside] - begin] = difference
        first, last = int(np.floor(gap.first)), int(np.ceil(gap.last))
        if gap.open_first:
            first = _fade(offsets, grid, int(frames[0]), -1, stretches)
        if gap.open_last:
            last = _fade(offsets, grid, int(frames[-1]), 1, stretches)
        stretches = _united(stretches, first, last)
        kept &= ~((edits.keys["co"][:, 0] > gap.first) & (edits.keys["co"][:, 0] < gap.last))
        own.append(gap.own)
        deleted.extend(gap.deleted)
    new = current[np.concatenate(own)]
    base, slope = _under(baked.performed, new["co"][:, 0], frames)
    keys = np.concatenate([edits.keys[kept], new])
    order = np.argsort(keys["co"][:, 0], kind="stable")
    return Edits(
        np.array(stretches, np.int64).reshape(-1, 2),
        np.concatenate([offsets[first - begin : last - begin + 1] for first, last in stretches]),
        keys[order],
        np.concatenate([edits.base[kept], base])[order],
        np.concatenate([edits.slope[kept], slope])[order],
        np.setdiff1d(np.array(deleted, np.float32), keys["co"][:, 0]),
    )


def _fade(offsets: FloatArray, grid: FrameArray, edge: int, way: int, stretches: list[tuple[int, int]]) -> int:
    """Let the offset at the edge of the range fade beyond it, unless more edits wait there; the stretch's end."""
    if any(first < edge + way < last for first, last in stretches):
        return edge + way
    at_edge = offsets[edge - grid[0]]
    if at_edge == 0:
        return edge
    part = np.arange(1, FADE + 1) / FADE
    waiting = [abs(end - edge) for pair in stretches for end in pair if (end - edge) * way >= 1]
    reach = min([FADE, *waiting])
    part = np.arange(1, reach + 1) / reach
    offsets[edge + way * np.arange(1, reach + 1) - grid[0]] = at_edge * (1 - part * part * (3 - 2 * part))
    return edge + way * reach


def _united(stretches: list[tuple[int, int]], first: int, last: int) -> list[tuple[int, int]]:
    """Stretches with one more; it swallows those it overlaps, and leaves those it only touches."""
    apart = []
    for other in stretches:
        if other[1] <= first or other[0] >= last:
            apart.append(other)
        else:
            first, last = min(first, other[0]), max(last, other[1])
    return sorted([*apart, (first, last)])


def _on_grid(edits: Edits) -> Edits:
    """The same edits, their frames those of the scene; only a change of the frame rate costs exactness."""
    if edits.start == 0 and edits.step == 1:
        return edits
    spans = edits.spans()
    stretches: list[tuple[int, int]] = []
    for first, last in spans:
        stretches = _united(stretches, int(np.floor(first)), int(np.ceil(last)))
    grids = [edits.at(np.arange(first, last + 1)) for first, last in stretches]
    return Edits(
        np.array(stretches, np.int64).reshape(-1, 2),
        np.concatenate([_none(), *grids]),
        edits.placed_keys(),
        edits.base,
        edits.slope / np.float32(edits.step),
        (edits.start + edits.step * edits.deleted).astype(np.float32),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Applying


def _widened(spans: _Spans, performed: Keys, frames: FrameArray) -> _Spans:
    """The stretches within the range, widened to whole segments of the performance: [stretches, 2]."""
    ends = performed["co"][:, 0].astype(np.float64)
    within = (spans[:, 1] > frames[0]) & (spans[:, 0] < frames[-1])
    united: list[tuple[float, float]] = []
    for first, last in np.clip(spans[within], frames[0], frames[-1]):
        first = float(ends[max(np.searchsorted(ends, first, side="right") - 1, 0)])
        last = float(ends[min(np.searchsorted(ends, last, side="left"), len(ends) - 1)])
        if united and first < united[-1][1]:
            first, last = united[-1][0], max(last, united[-1][1])
            united.pop()
        united.append((first, last))
    return np.array(united, np.float64).reshape(-1, 2)


def _carried(edits: Edits, performed: Keys, frames: FrameArray, fit: Fit, spans: _Spans, settle: Settle | None) -> Keys:
    values = evaluate(performed, frames)
    offsets = edits.at(frames)
    target = np.clip(values + offsets, fit.low, fit.high)
    own = _lifted(edits, performed, frames, fit)
    inside = _within(frames.astype(np.float64), spans)
    ends = np.isin(frames, frames[[0, -1]]) & (offsets != 0)
    free = inside | ends

    stays = ~_within(performed["co"][:, 0].astype(np.float64), spans)
    stays &= ~np.isin(performed["co"][:, 0], frames[ends])
    stays &= ~_near(performed["co"][:, 0], own["co"][:, 0])
    keys = _sorted(np.concatenate([performed[stays], own]))
    generated = np.zeros(len(keys), bool)
    wanted = ends & ~_near(frames, own["co"][:, 0])
    if fit.tolerance <= 0:
        wanted |= free & ~_near(frames, keys["co"][:, 0])
    slope = np.gradient(target.astype(np.float64)) if len(target) > 1 else np.zeros(1)
    while True:
        keys, generated = _joined(keys, generated, frames[wanted], target[wanted], fit.tolerance <= 0)
        _fit_handles(keys, generated, own, frames, slope, fit.tolerance <= 0)
        if settle is not None:
            keys = settle(keys)
        if fit.tolerance <= 0:
            return keys
        off = np.abs(evaluate(keys, frames) - target.astype(np.float64))
        off[~free | _near(frames, keys["co"][:, 0])] = 0
        wanted = _worst(off, keys, frames, fit.tolerance)
        if not wanted.any():
            return keys


def _lifted(edits: Edits, performed: Keys, frames: FrameArray, fit: Fit) -> Keys:
    """The artist's own keys within the range, moved with the performance under them."""
    keys = edits.placed_keys()
    within = (keys["co"][:, 0] > frames[0] - SAME_FRAME) & (keys["co"][:, 0] < frames[-1] + SAME_FRAME)
    keys = _as_own(keys[within])
    base, slope = _under(performed, keys["co"][:, 0], frames)
    lift = base.astype(np.float64) - edits.base[within]
    tilt = slope.astype(np.float64) - edits.slope[within] / edits.step
    changed = (np.abs(lift) > SAME_VALUE) | (np.abs(tilt) > SAME_VALUE)
    old = keys["co"].astype(np.float64)
    new = np.clip(old[:, 1] + lift, fit.low, fit.high)
    keys["co"][changed, 1] = new[changed]
    for name in ("handle_left", "handle_right"):
        reach = keys[name].astype(np.float64) - old
        keys[name][changed, 1] = (new + reach[:, 1] + tilt * reach[:, 0])[changed]
    return keys


def _under(performed: Keys, places: FloatArray, frames: FrameArray) -> tuple[FloatArray, FloatArray]:
    """Value and slope per frame of the performance at these frames: [places] each."""
    before = np.maximum(places.astype(np.float64) - 1, frames[0])
    after = np.minimum(places.astype(np.float64) + 1, frames[-1])
    rise = evaluate(performed, after).astype(np.float64) - evaluate(performed, before)
    slope = rise / np.maximum(after - before, ON_FRAME)
    return evaluate(performed, places), slope.astype(np.float32)


def _as_own(keys: Keys) -> Keys:
    keys = keys.copy()
    keys["type"][keys["type"] == KeyType.GENERATED] = KeyType.KEYFRAME
    return keys


def _marked(keys: Keys, edits: Edits) -> Keys:
    """These keys, the artist's own among them marked as such."""
    own = _near(keys["co"][:, 0], edits.placed_keys()["co"][:, 0])
    marked = keys.copy()
    marked[own] = _as_own(keys[own])
    return marked


def _joined(
    keys: Keys, generated: BoolArray, frames: FrameArray, values: FloatArray, dense: bool
) -> tuple[Keys, BoolArray]:
    """Keys with more generated ones among them."""
    if len(frames) == 0:
        return keys, generated
    new = dense_keys(frames, values) if dense else new_keys(frames, values, HandleType.ALIGNED)
    both = np.concatenate([keys, new])
    order = np.argsort(both["co"][:, 0], kind="stable")
    return both[order], np.r_[generated, np.ones(len(new), bool)][order]


def _fit_handles(
    keys: Keys, generated: BoolArray, own: Keys, frames: FrameArray, slope: npt.NDArray[np.float64], dense: bool
) -> None:
    """Set the handles of the generated keys, and shorten those of the artist's that point at one: to a third."""
    if not generated.any() or len(keys) == 1:
        return
    points = keys["co"].astype(np.float64)
    gaps = np.diff(points[:, 0])
    before, after = np.r_[gaps[:1], gaps] / 3, np.r_[gaps, gaps[-1:]] / 3
    trend = slope[np.clip(np.round(points[:, 0]).astype(np.int64) - frames[0], 0, len(frames) - 1)]
    slopes = np.zeros(len(keys)) if dense else limited_slopes(points[:, 0], points[:, 1], trend)
    is_own = _near(keys["co"][:, 0], own["co"][:, 0])
    for name, way, room, beside in (
        ("handle_left", -1, before, np.r_[False, generated[:-1]]),
        ("handle_right", 1, after, np.r_[generated[1:], False]),
    ):
        keys[name][generated, 0] = (points[:, 0] + way * room)[generated]
        keys[name][generated, 1] = (points[:, 1] + slopes * (keys[name][:, 0] - points[:, 0]))[generated]
        reach = keys[name].astype(np.float64) - points
        long = is_own & beside & (np.abs(reach[:, 0]) > room)
        keys[name][long] = (points + reach * (room / np.maximum(np.abs(reach[:, 0]), room))[:, None])[long]


def _worst(off: npt.NDArray[np.float64], keys: Keys, frames: FrameArray, tolerance: float) -> BoolArray:
    """The frame between each two keys at which the curve is furthest off, if that is beyond the tolerance: [frames]."""
    segment = np.searchsorted(keys["co"][:, 0], frames, side="right")
    most = np.zeros(len(keys) + 1)
    np.maximum.at(most, segment, off)
    worst: BoolArray = (off > tolerance) & (off == most[segment])
    return worst


def _within(places: npt.NDArray[np.float64], spans: _Spans) -> BoolArray:
    """Which places lie inside one of the spans, not on their ends: [places]."""
    found = np.zeros(len(places), bool)
    for first, last in spans:
        found |= (places > first) & (places < last)
    return found


def _near(places: npt.NDArray[Any], keys: FloatArray) -> BoolArray:
    """Which places hold one of these keys: [places]."""
    if len(keys) == 0:
        return np.zeros(len(places), bool)
    after = np.minimum(np.searchsorted(keys, places), len(keys) - 1)
    before = np.maximum(after - 1, 0)
    near: BoolArray = (np.abs(keys[after] - places) < SAME_FRAME) | (np.abs(keys[before] - places) < SAME_FRAME)
    return near


def _sorted(keys: Keys) -> Keys:
    return keys[np.argsort(keys["co"][:, 0], kind="stable")]


def _floats(numbers: Any) -> FloatArray:
    return np.asarray(numbers, np.float32).ravel()


def _whole(number: float) -> float:
    """The number, or the whole number it would be but for rounding."""
    return float(round(number)) if abs(number - round(number)) < ON_FRAME else number

# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist has changed on an f-curve since the last bake."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..curves import BoolArray, FloatArray
from .edit_record import SAME_VALUE, Baked, Edits, same_keys
from .keys import KEY, FrameArray, FrameRange, HandleType, Keys, evaluate, slope_at

FADE = 6
"""Frames beyond the range over which an edit at its very end fades, should the range ever grow."""

_SAME_HANDLE = 1e-5
"""Frames and values by which a handle may be elsewhere and still the same: Blender aligns handles at every change."""

_OF_THE_ARTIST = (HandleType.FREE, HandleType.ALIGNED, HandleType.VECTOR)
"""Handles that lie where somebody put them; automatic ones follow from the keys."""

_ATTRIBUTES = [name for name in KEY.names or () if name not in ("handle_left", "handle_right")]


def find_edits(baked: Baked, current: Keys, frames: FrameArray, shown: FloatArray) -> Edits:
    """The artist's changes up to now: those remembered, and those made since the bake.

    current: the keys on the f-curve within the baked range. frames: the whole frames of that range. shown: the
    f-curve at these frames as Blender evaluates it, without modifiers: [frames].

    Stretches that are as they were written keep their offsets and keys verbatim.
    """
    if same_keys(current, baked.written):
        return baked.edits
    before = evaluate(baked.written, frames) if len(baked.written) else np.full(len(frames), np.inf, np.float32)
    moved = np.abs(shown.astype(np.float64) - before) > SAME_VALUE
    gaps = list(_changed_gaps(baked.written, current, frames, moved))
    if not gaps:
        return baked.edits
    edits = _on_scene_frames(baked.edits)
    stretches, offsets = _new_offsets(edits, gaps, baked.performed, _Shown(frames, shown, moved))
    keys, base, slope = _new_keys(edits, gaps, baked, current, frames)
    deleted = np.concatenate([edits.deleted, *(gap.deleted for gap in gaps)])
    return Edits(
        np.array(stretches, np.int64).reshape(-1, 2),
        offsets,
        keys,
        base,
        slope,
        np.setdiff1d(deleted, keys["co"][:, 0]),
        cleared=len(current) == 0,
    )


@dataclass(frozen=True)
class _Gap:
    """A changed stretch between two untouched keys.

    first, last: their frames; half a frame beyond the range where there is none, and then open at that end.
    own: indices of the current keys between them. deleted: frames of written keys that nothing replaces, float32.
    """

    first: float
    last: float
    open_first: bool
    open_last: bool
    own: npt.NDArray[np.intp]
    deleted: FloatArray

    def holds(self, places: npt.NDArray[np.generic]) -> BoolArray:
        """Which places lie between the first and the last frame: bool [places]."""
        inside: BoolArray = (places > self.first) & (places < self.last)  # type: ignore[operator]
        return inside


def _changed_gaps(written: Keys, current: Keys, frames: FrameArray, moved: BoolArray) -> Iterator[_Gap]:
    """The gaps between untouched keys in which a key or the curve is not as it was written.

    moved: which frames show another value, bool [frames]. That alone counts too: Blender's automatic handles let a
    curve move beyond the keys next to the one that was touched.
    """
    in_written, in_current = _untouched(written, current)
    bounds = np.r_[frames[0] - 0.5, current["co"][in_current, 0], frames[-1] + 0.5]
    in_written, in_current = np.r_[-1, in_written, len(written)], np.r_[-1, in_current, len(current)]
    changed = (np.diff(in_written) > 1) | (np.diff(in_current) > 1)
    off_keys = frames[moved & ~np.isin(frames, bounds)]
    changed[np.searchsorted(bounds, off_keys) - 1] = True
    for number in np.flatnonzero(changed):
        old = written["co"][in_written[number] + 1 : in_written[number + 1], 0]
        own = np.arange(in_current[number] + 1, in_current[number + 1])
        lost = old[~np.isin(old, current["co"][own, 0])]
        added = len(own) - (len(old) - len(lost))
        yield _Gap(
            float(bounds[number]),
            float(bounds[number + 1]),
            number == 0,
            number == len(bounds) - 2,
            own,
            lost[added:],  # a key that was moved is lost and added
        )


def _untouched(written: Keys, current: Keys) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Indices of the keys that are as they were written: among the written ones, and among the current."""
    if len(written) == 0:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    place = np.searchsorted(written["co"][:, 0], current["co"][:, 0])
    place = np.minimum(place, len(written) - 1)
    alike = np.flatnonzero(_alike(written[place], current))
    return place[alike], alike


def _alike(one: Keys, other: Keys) -> BoolArray:
    """Which keys of two curves of equal length are the same to an artist: bool [keys]."""
    same = np.ones(len(one), bool)
    for name in _ATTRIBUTES:
        equal = one[name] == other[name]
        same &= equal.all(axis=-1) if equal.ndim > 1 else equal
    room = _SAME_HANDLE + 4 * np.spacing(np.abs(one["co"][:, 0]))
    for side in ("left", "right"):
        placed = np.isin(one[f"handle_{side}_type"], _OF_THE_ARTIST)
        apart = np.abs(one[f"handle_{side}"].astype(np.float64) - other[f"handle_{side}"]).max(axis=-1)
        same &= ~placed | (apart <= room)
    return same


@dataclass(frozen=True)
class _Shown:
    """A curve as it is on the screen: its frames, its values there, and where these are not what was written."""

    frames: FrameArray
    values: FloatArray
    moved: BoolArray


def _new_offsets(edits: Edits, gaps: list[_Gap], performed: Keys, shown: _Shown) -> tuple[list[FrameRange], FloatArray]:
    """The stretches with the gaps among them, and their offsets: new ones where the curve is another now.

    Where it is as it was written, the offset stays what it was, although the slider's limit may hide a part of it.
    """
    frames = shown.frames
    begin = min([int(frames[0]) - FADE, *edits.stretches[:, 0].tolist()])
    end = max([int(frames[-1]) + FADE, *edits.stretches[:, 1].tolist()])
    offsets = edits.at(np.arange(begin, end + 1))
    difference = shown.values.astype(np.float64) - evaluate(performed, frames)
    difference[np.abs(difference) <= SAME_VALUE] = 0
    offsets[frames[shown.moved] - begin] = difference[shown.moved]
    stretches = [(int(first), int(last)) for first, last in edits.stretches]
    for gap in gaps:
        first, last = int(np.floor(gap.first)), int(np.ceil(gap.last))
        if gap.open_first:
            first = _faded(offsets, begin, int(frames[0]), -1, stretches)
        if gap.open_last:
            last = _faded(offsets, begin, int(frames[-1]), 1, stretches)
        stretches = _united(stretches, first, last)
    return stretches, np.concatenate([offsets[first - begin : last - begin + 1] for first, last in stretches])


def _new_keys(
    edits: Edits, gaps: list[_Gap], baked: Baked, current: Keys, frames: FrameArray
) -> tuple[Keys, FloatArray, FloatArray]:
    """The artist's own keys, those in the gaps as they are now, and value and slope of the performance under each."""
    kept = np.ones(len(edits.keys), bool)
    for gap in gaps:
        kept &= ~gap.holds(edits.keys["co"][:, 0])
    new = current[np.concatenate([gap.own for gap in gaps])]
    places, values = new["co"][:, 0], new["co"][:, 1]
    base = evaluate(baked.performed, places)
    if len(baked.written):
        as_written = np.abs(evaluate(baked.written, places) - values) <= SAME_VALUE
        base = np.where(as_written, values - edits.at(places), base)  # for such a key, too, the offset stays
    keys = np.concatenate([edits.keys[kept], new])
    order = np.argsort(keys["co"][:, 0], kind="stable")
    bases = np.concatenate([edits.base[kept], base])[order]
    slopes = np.concatenate([edits.slope[kept], slope_at(baked.performed, places, frames)])[order]
    return keys[order], bases, slopes


def _faded(offsets: FloatArray, begin: int, edge: int, way: int, stretches: list[FrameRange]) -> int:
    """Let the offset at an end of the range fade beyond it, unless more edits wait there; the stretch's end.

    offsets: changed in place, from frame `begin` on. way: 1 after the range, -1 before it.
    """
    at_edge = offsets[edge - begin]
    if at_edge == 0 or any(first < edge + way < last for first, last in stretches):
        return edge + way
    waiting = [(end - edge) * way for stretch in stretches for end in stretch]
    reach = min([FADE, *(frames for frames in waiting if frames > 0)])
    steps = np.arange(1, reach + 1)
    part = steps / reach
    offsets[edge + way * steps - begin] = at_edge * (1 - part * part * (3 - 2 * part))
    return edge + way * reach


def _united(stretches: list[FrameRange], first: int, last: int) -> list[FrameRange]:
    """Stretches with one more; it swallows those it overlaps, and leaves those it only touches."""
    apart = []
    for other in stretches:
        if other[1] <= first or other[0] >= last:
            apart.append(other)
        else:
            first, last = min(first, other[0]), max(last, other[1])
    return sorted([*apart, (first, last)])


def _on_scene_frames(edits: Edits) -> Edits:
    """The same edits, their frames those of the scene; exact unless the frame rate has changed."""
    if edits.start == 0 and edits.step == 1:
        return edits
    stretches: list[FrameRange] = []
    for first, last in edits.spans():
        stretches = _united(stretches, int(np.floor(first)), int(np.ceil(last)))
    offsets = [edits.at(np.arange(first, last + 1)) for first, last in stretches]
    return Edits(
        np.array(stretches, np.int64).reshape(-1, 2),
        np.concatenate([np.empty(0, np.float32), *offsets]),
        edits.placed_keys(),
        edits.base,
        edits.slope / np.float32(edits.step),
        (edits.start + edits.step * edits.deleted).astype(np.float32),
        edits.cleared,
    )

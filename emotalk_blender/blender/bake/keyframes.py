# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of one f-curve, read and written all at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from ...animation.keys import KEY, SAME_FRAME, HandleType, Interpolation, Keys
from ...curves import BoolArray

_SELECTION = ("select_control_point", "select_left_handle", "select_right_handle")
_HANDLES = ("handle_left", "handle_right")

_ATTRIBUTES = KEY.names or ()

_ADDED: Keys = np.zeros(1, KEY)
"""A key as it is added in bulk, whatever the preferences say: all that is not zero is set here."""
_ADDED["handle_left_type"] = _ADDED["handle_right_type"] = HandleType.AUTO_CLAMPED
_ADDED["interpolation"] = Interpolation.BEZIER


def read_keys(curve: bpy.types.FCurve) -> Keys:
    """All keys of an f-curve, in order."""
    keys = np.empty(len(curve.keyframe_points), KEY)
    for name in _ATTRIBUTES:
        _read(curve, name, keys)
    return keys


def within(keys: Keys, ranges: Iterable[tuple[float, float]]) -> BoolArray:
    """Which keys lie in one of the ranges of frames, both ends included: bool [keys]."""
    frames = keys["co"][:, 0]
    found = np.zeros(len(keys), bool)
    for first, last in ranges:
        found |= (frames > first - SAME_FRAME) & (frames < last + SAME_FRAME)
    return found


def write_keys(
    curve: bpy.types.FCurve,
    ranges: Sequence[tuple[float, float]],
    new: Keys,
    *,
    old: Keys | None = None,
    leave_selected: bool = False,
) -> Keys:
    """Put new keys in place of all keys within these ranges of frames; returns them as Blender has them now.

    new: within the ranges, in order. Keys outside keep every attribute bit for bit, their handles too, and so the
    curve between them stays what it was. A new key on the frame of an old one stays selected if that was.
    old: the keys that the f-curve has, where these were just read.
    leave_selected: whether keys of an f-curve that had none may stay selected, as Blender adds them: for a caller who
    deselects all of an Action at once, which is quicker. Where Blender sets all handles they do; it lines up others
    by what is selected.
    """
    old = read_keys(curve) if old is None else old
    kept = old[~within(old, ranges)]
    keys, is_new = new, np.ones(len(new), bool)
    if len(kept):
        keys = np.concatenate([kept, new])
        is_new = np.arange(len(keys)) >= len(kept)
        order = np.argsort(keys["co"][:, 0], kind="stable")
        keys, is_new = keys[order], is_new[order]
    if len(keys) == len(old) and keys.tobytes() == old.tobytes():
        return new
    if len(keys) == len(old) and (keys["co"][:, 0] == old["co"][:, 0]).all():
        _write_changes(curve, keys, old)
    else:
        leave_selected = leave_selected and len(old) == 0 and _sets_handles(keys)
        selection = {} if leave_selected else _selection_at(curve, old, keys)
        curve.keyframe_points.clear()
        curve.keyframe_points.add(len(keys))
        _write_changes(curve, keys, _ADDED)
        for name, chosen in selection.items():
            _write(curve, name, chosen)
    curve.update()
    now = keys.copy()
    for name in _HANDLES:
        _read(curve, name, now)
        if len(kept):  # update() sets automatic handles, those of old keys beside the new ones too: put these back.
            now[name][~is_new] = keys[name][~is_new]
            _write(curve, name, now[name])
    return now[is_new] if len(kept) else now


def _write_changes(curve: bpy.types.FCurve, keys: Keys, before: Keys) -> None:
    """Write the attributes in which the keys differ from what the f-curve has, but for handles that update() sets.

    Each costs as much as the places of the keys.
    """
    names = [name for name in _ATTRIBUTES if name not in _HANDLES] if _sets_handles(keys) else _ATTRIBUTES
    for name in names:
        if (keys[name] != before[name]).any():
            _write(curve, name, keys[name])


def _sets_handles(keys: Keys) -> bool:
    """Whether update() sets all handles, whatever they are now; it leaves those of a key that is alone as they are."""
    types = np.stack([keys[f"{name}_type"] for name in _HANDLES])
    return len(keys) > 1 and bool(((types == HandleType.AUTO) | (types == HandleType.AUTO_CLAMPED)).all())


def _selection_at(curve: bpy.types.FCurve, old_keys: Keys, new_keys: Keys) -> dict[str, BoolArray]:
    """What is selected of the new keys: what is of the old ones on their frames, which are what the curve has."""
    old, new = old_keys["co"][:, 0], new_keys["co"][:, 0]
    place = np.searchsorted(old, new)
    place[place == len(old)] = 0
    found = old[place] == new if len(old) else np.zeros(len(new), bool)
    selection = {}
    for name in _SELECTION:
        chosen = np.empty(len(old), bool)
        curve.keyframe_points.foreach_get(name, chosen)
        selection[name] = found & chosen[place] if len(old) else found
    return selection


def _read(curve: bpy.types.FCurve, name: str, keys: Keys) -> None:
    numbers: npt.NDArray[Any] = np.empty(keys[name].shape, keys[name].dtype)
    flat = numbers.ravel()
    curve.keyframe_points.foreach_get(name, flat)
    keys[name] = numbers


def _write(curve: bpy.types.FCurve, name: str, numbers: npt.NDArray[Any]) -> None:
    curve.keyframe_points.foreach_set(name, np.ascontiguousarray(numbers).ravel())

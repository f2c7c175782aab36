# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of one f-curve, written all at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt

from ..curves import FloatArray

# Every attribute of a keyframe that is stored, its numbers for each key and their type.
_ATTRIBUTES: dict[str, tuple[int, type]] = {
    "co": (2, np.float32),
    "handle_left": (2, np.float32),
    "handle_right": (2, np.float32),
    "handle_left_type": (1, np.int32),
    "handle_right_type": (1, np.int32),
    "interpolation": (1, np.int32),
    "type": (1, np.int32),
    "easing": (1, np.int32),
    "back": (1, np.float32),
    "amplitude": (1, np.float32),
    "period": (1, np.float32),
    "select_control_point": (1, np.bool_),
    "select_left_handle": (1, np.bool_),
    "select_right_handle": (1, np.bool_),
}

_HANDLES = ("handle_left", "handle_right")

_EASING_DEFAULTS = (1.70158, 0.8, 4.1)
"""What Blender's own new keys have; keys that are added in bulk have zeros."""

_SAME_FRAME = 0.01
"""Frames under which Blender takes two keys for one and drops one of them."""

Keys = dict[str, npt.NDArray[Any]]
"""Attribute of keys -> [keys, numbers]."""


def replace_keys(curve: bpy.types.FCurve, frames: npt.NDArray[np.int64], values: FloatArray) -> None:
    """Put keys on `frames` (in order, at least one) in place of all keys from the first to the last of them.

    The new keys are Bezier with clamped handles, so the curve stays within the range of their values. Keys on other
    frames keep every attribute bit for bit, their handles too, and so the curve between them stays what it was.
    """
    old = read_keys(curve)
    before = old["co"][:, 0] < frames[0] - _SAME_FRAME
    after = old["co"][:, 0] > frames[-1] + _SAME_FRAME
    new = slice(before.sum(), before.sum() + len(frames))
    kept = np.ones(before.sum() + len(frames) + after.sum(), bool)
    kept[new] = False

    curve.keyframe_points.clear()
    curve.keyframe_points.add(len(kept))
    keys = read_keys(curve)
    for name, attribute in keys.items():
        attribute[kept] = old[name][before | after]
    keys["co"][new, 0] = frames
    keys["co"][new, 1] = values
    keys["back"][new], keys["amplitude"][new], keys["period"][new] = _EASING_DEFAULTS
    keys["type"][new] = _enum_value("type", "GENERATED")
    keys["interpolation"][new] = _enum_value("interpolation", "BEZIER")
    keys["handle_left_type"][new] = keys["handle_right_type"][new] = _enum_value("handle_left_type", "AUTO_CLAMPED")
    _write_keys(curve, keys)
    curve.update()
    # update() sets the handles of the new keys, and moves those of the old keys beside them: put these back.
    handles = read_keys(curve, _HANDLES)
    for name in _HANDLES:
        handles[name][kept] = keys[name][kept]
    _write_keys(curve, handles)


def read_keys(curve: bpy.types.FCurve, names: Iterable[str] = tuple(_ATTRIBUTES)) -> Keys:
    """These attributes of all keys of a curve."""
    keys = {}
    for name in names:
        size, kind = _ATTRIBUTES[name]
        numbers: npt.NDArray[Any] = np.empty(len(curve.keyframe_points) * size, kind)
        curve.keyframe_points.foreach_get(name, numbers)
        keys[name] = numbers.reshape(-1, size)
    return keys


def _write_keys(curve: bpy.types.FCurve, keys: Keys) -> None:
    for name, attribute in keys.items():
        curve.keyframe_points.foreach_set(name, attribute.ravel())


def _enum_value(name: str, item: str) -> int:
    return bpy.types.Keyframe.bl_rna.properties[name].enum_items[item].value

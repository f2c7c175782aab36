# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that the artist has keyed, read frame by frame without moving the playhead."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from ...inference.over_time import OverTime
from ..sequencer.stretch import AudibleStretch

MARGIN = 30
"""Scene frames read before and after the strip, so that a change at its edge is eased as within it."""


def is_keyed(scene: bpy.types.Scene, name: str) -> bool:
    """Whether an f-curve moves this setting."""
    return _curve(scene, name) is not None


def over_time(scene: bpy.types.Scene, names: Sequence[str], stretch: AudibleStretch) -> OverTime:
    """These settings of Scene.emotalk at each scene frame of a strip: values [frames, names].

    Where a setting has an f-curve its value on that frame counts, held within the setting's range; else what it is now.
    Drivers and the NLA are not read.
    """
    settings = scene.emotalk
    first = int(np.floor(stretch.start * stretch.fps)) - MARGIN
    last = int(np.ceil((stretch.start + stretch.duration) * stretch.fps)) + MARGIN
    frames = range(first, last + 1)
    values = np.empty((len(frames), len(names)), np.float32)
    for column, name in enumerate(names):
        curve = _curve(scene, name)
        if curve is None:
            values[:, column] = getattr(settings, name)
        else:
            limits = settings.bl_rna.properties[name]
            values[:, column] = np.clip([curve.evaluate(frame) for frame in frames], limits.hard_min, limits.hard_max)
    return OverTime(values, stretch.fps, first / stretch.fps - stretch.start)


def _curve(scene: bpy.types.Scene, name: str) -> bpy.types.FCurve | None:
    """The f-curve that moves a setting, unless it or its group is muted."""
    animation = scene.animation_data
    if animation is None or animation.action is None or animation.action_slot is None:
        return None
    path = f"emotalk.{name}"
    for layer in animation.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(animation.action_slot)
            curve = bag.fcurves.find(path) if bag is not None else None
            if curve is not None and not curve.mute and not (curve.group and curve.group.mute):
                return curve
    return None

# SPDX-License-Identifier: GPL-3.0-or-later
"""Curves to keyframes: one Action for the take, a slot for each mesh."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np
import numpy.typing as npt

from ..curves import Curves, FloatArray
from ..errors import EmoTalkError
from .keyframes import replace_keys
from .strips import Stretch
from .targets import Target, value_path

TAKE = "emotalk_take"
"""Custom property of an Action that was made for a take: the take's name."""


def bake(curves: Curves, stretch: Stretch, targets: Sequence[Target], take: str) -> npt.NDArray[np.int64]:
    """Write the curves as keyframes onto every mapped shape key of the targets; returns the frames, int64 [frames].

    curves: weights over the seconds of the sound; second 0 plays at stretch.start.
    take: name of the strip. Meshes without an Action share a new one of this name, each with a slot of its own. A mesh
    that has an Action keeps it and its slot, so that what is animated elsewhere on its timeline stays.

    Every whole frame of the stretch gets a key (GENERATED), its value within the slider range of the shape key; keys
    of these shape keys on other frames, and all other f-curves, stay as they are. Raises EmoTalkError for a stretch
    without a whole frame and for a linked Action, before anything is changed.
    """
    frames = stretch.frames(curves.frames / curves.fps)
    if len(frames) == 0:
        raise EmoTalkError("The strip's sound plays between two frames. Make the strip longer.")
    for target in targets:
        _check_action(target)
    values = curves.at(frames / stretch.fps - stretch.start)
    for target in targets:
        _bake_target(target, frames, values, take)
    return frames


def _bake_target(target: Target, frames: npt.NDArray[np.int64], values: FloatArray, take: str) -> None:
    action = _action_with_slot(target, take)
    for name, channel in target.mapping.channels.items():
        block = target.shape_keys.key_blocks[name]
        curve = action.fcurve_ensure_for_datablock(target.shape_keys, value_path(block))
        replace_keys(curve, frames, np.clip(values[:, channel], block.slider_min, block.slider_max))


def _check_action(target: Target) -> None:
    animation = target.shape_keys.animation_data
    action = animation.action if animation else None
    if action is not None and not action.is_editable:
        raise EmoTalkError(
            f'The Action "{action.name}" of "{target.object.name}" is linked from another file. Make it local first.'
        )


def _action_with_slot(target: Target, take: str) -> bpy.types.Action:
    """The Action of a mesh, with a slot for it assigned; made where there is none."""
    animation = target.shape_keys.animation_data_create()
    if animation.action is None:
        animation.action = _take_action(take)
        animation.action_slot = None
    if animation.action_slot is None:
        animation.action_slot = animation.action.slots.new(id_type="KEY", name=target.object.name)
    return animation.action


def _take_action(take: str) -> bpy.types.Action:
    """The Action that was made for this take; a new one where there is none, so that nobody else's is used."""
    for action in bpy.data.actions:
        if action.get(TAKE) == take and action.is_editable:
            return action
    action = bpy.data.actions.new(take)
    action[TAKE] = take
    return action

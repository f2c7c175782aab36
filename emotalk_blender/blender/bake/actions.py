# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions, slots and f-curves of what is animated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy

from ...errors import EmoTalkError
from ..face.targets import Target
from ..face.track import Track, TrackId

TAKE = "emotalk_take"
"""Custom property of an Action that Generate has made: the name of the strip that it was made for."""


@dataclass(frozen=True)
class AnimatedSlot:
    """A slot of an Action: where the f-curves of a target are. Holds bpy data: never kept longer than a click."""

    action: bpy.types.Action
    slot: bpy.types.ActionSlot


def check_action(target: Target) -> None:
    """Raise EmoTalkError for a target whose Action cannot be written."""
    animation = target.owner.animation_data
    action = animation.action if animation else None
    if action is not None and not action.is_editable:
        raise EmoTalkError(
            f'The Action "{action.name}" of "{target.object.name}" is linked from another file. Make it local first.'
        )


def slot_of(target: Target) -> AnimatedSlot | None:
    """The slot of a target in its Action; None where nothing is animated."""
    animation = target.owner.animation_data
    if animation is None or animation.action is None or animation.action_slot is None:
        return None
    return AnimatedSlot(animation.action, animation.action_slot)


def ensure_slot(target: Target, strip: str) -> AnimatedSlot:
    """The slot of a target in its Action; made where there is none, in one Action for all targets."""
    animation = target.owner.animation_data_create()
    if animation.action is None:
        animation.action = _action_of(strip)
        animation.action_slot = None
    if animation.action_slot is None:
        animation.action_slot = animation.action.slots.new(id_type=target.id_type, name=target.object.name)
    return AnimatedSlot(animation.action, animation.action_slot)


def curves_by_track(place: AnimatedSlot) -> dict[TrackId, bpy.types.FCurve]:
    """Track -> f-curve, of all f-curves of a slot."""
    bags = [strip.channelbag(place.slot) for layer in place.action.layers for strip in layer.strips]
    return {(curve.data_path, curve.array_index): curve for bag in bags if bag is not None for curve in bag.fcurves}


def all_curves(action: bpy.types.Action) -> Iterator[bpy.types.FCurve]:
    """The f-curves of all slots of an Action."""
    for layer in action.layers:
        for strip in layer.strips:
            for bag in strip.channelbags:
                yield from bag.fcurves


def ensure_curve(action: bpy.types.Action, target: Target, track: Track) -> bpy.types.FCurve:
    """The f-curve of a track, made where there is none."""
    return action.fcurve_ensure_for_datablock(target.owner, track.path, index=max(track.index, 0))


def _action_of(strip: str) -> bpy.types.Action:
    """The Action that was made for this strip; a new one where there is none, so that nobody else's is used."""
    for action in bpy.data.actions:
        if action.get(TAKE) == strip and action.is_editable:
            return action
    action = bpy.data.actions.new(strip)
    action[TAKE] = strip
    return action

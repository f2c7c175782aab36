# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a file that EmoTalk could spoil, as plain data: two files with the same digest are the same to an artist."""

from __future__ import annotations

import hashlib
from typing import Any

import bpy

from emotalk_blender.blender.bake.bake_records import PROPERTY
from emotalk_blender.blender.bake.keyframes import read_keys


def digest() -> dict[str, Any]:
    """Objects, shape keys, Actions with every key and what is remembered with them, strips, sounds and settings."""
    return {
        "objects": {it.name: (it.data.name if it.data else "", _animation(it)) for it in bpy.data.objects},
        "shape keys": {it.name: ([_block(block) for block in it.key_blocks], _animation(it)) for it in _shape_keys()},
        "actions": {it.name: _action(it) for it in bpy.data.actions},
        "scenes": {it.name: _scene(it) for it in bpy.data.scenes},
        "sounds": {it.name: bpy.path.abspath(it.filepath) for it in bpy.data.sounds if it.users},
    }


def _shape_keys() -> list[bpy.types.Key]:
    """Only of meshes that are used: Blender saves no others."""
    return [it.shape_keys for it in bpy.data.meshes if it.users and it.shape_keys]


def _block(block: bpy.types.ShapeKey) -> tuple[Any, ...]:
    """Not its value, which is what the f-curve says on the current frame."""
    return block.name, block.slider_min, block.slider_max, block.mute, block.lock_shape


def _animation(owner: bpy.types.ID) -> tuple[Any, ...] | None:
    animation = owner.animation_data
    if animation is None:
        return None
    action, slot = animation.action, animation.action_slot
    drivers = [(it.data_path, it.array_index, it.driver.expression) for it in animation.drivers]
    return action.name if action else "", slot.identifier if slot else "", drivers


def _action(action: bpy.types.Action) -> dict[str, Any]:
    bags = [bag for layer in action.layers for strip in layer.strips for bag in strip.channelbags]
    curves = {
        (bag.slot.identifier, curve.data_path, curve.array_index): (
            read_keys(curve).tobytes(),
            curve.mute,
            curve.lock,
            curve.extrapolation,
        )
        for bag in bags
        for curve in bag.fcurves
    }
    stored = action.get(PROPERTY)
    remembered = {name: hashlib.blake2b(packed).hexdigest() for name, packed in stored.items()} if stored else {}
    return {"curves": curves, "remembered": remembered, "slots": [(it.identifier, it.handle) for it in action.slots]}


def _scene(scene: bpy.types.Scene) -> dict[str, Any]:
    settings = scene.emotalk
    chosen = {
        it.identifier: getattr(settings, it.identifier) for it in settings.bl_rna.properties if not it.is_readonly
    }
    editor = scene.sequence_editor
    strips = [
        (
            it.name,
            it.channel,
            it.frame_final_start,
            it.frame_final_end,
            it.frame_start,
            it.frame_offset_start,
            it.mute,
            it.sound.name if it.type == "SOUND" and it.sound else "",
        )
        for it in (editor.strips_all if editor else ())
    ]
    return {
        "settings": chosen,
        "strips": sorted(strips),
        "rate": (scene.render.fps, scene.render.fps_base),
        "range": (scene.frame_start, scene.frame_end, scene.frame_current),
        "animation": _animation(scene),
    }

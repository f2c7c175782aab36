# SPDX-License-Identifier: GPL-3.0-or-later
"""Key Mood keys a whole mix, on the current frame and nowhere else."""

from __future__ import annotations

import bpy

from emotalk_blender.blender.ui.key_mood import MOOD
from emotalk_blender.inference.performance import EMOTIONS


def curves(scene: bpy.types.Scene) -> dict[str, list[tuple[float, float]]]:
    animation = scene.animation_data
    bag = animation.action.layers[0].strips[0].channelbag(animation.action_slot)
    return {curve.data_path: [tuple(key.co) for key in curve.keyframe_points] for curve in bag.fcurves}


def test_the_whole_mix_and_its_intensity_are_keyed(scene: bpy.types.Scene) -> None:
    scene.emotalk.weight_happy, scene.emotalk.intensity = 1.0, 0.5
    scene.frame_set(12)
    assert bpy.ops.emotalk.key_mood() == {"FINISHED"}
    scene.frame_set(24)
    scene.emotalk.weight_happy, scene.emotalk.weight_angry = 0.0, 1.0
    bpy.ops.emotalk.key_mood()
    found = curves(scene)
    assert set(found) == {"emotalk.intensity", *(f"emotalk.weight_{emotion}" for emotion in EMOTIONS)}
    assert found["emotalk.weight_happy"] == [(12, 1), (24, 0)]
    assert found["emotalk.weight_angry"] == [(12, 0), (24, 1)]
    assert found["emotalk.intensity"] == [(12, 0.5), (24, 0.5)]


def test_every_setting_of_a_mood_can_be_animated(scene: bpy.types.Scene) -> None:
    assert all(scene.emotalk.bl_rna.properties[name].is_animatable for name in MOOD)


def test_keying_can_be_undone(scene: bpy.types.Scene) -> None:
    bpy.ops.ed.undo_push(message="Before")
    bpy.ops.emotalk.key_mood("EXEC_DEFAULT", True)
    assert bpy.context.scene.animation_data.action is not None
    bpy.ops.ed.undo()
    animation = bpy.context.scene.animation_data
    assert animation is None or animation.action is None

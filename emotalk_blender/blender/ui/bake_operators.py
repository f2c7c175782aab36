# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons for what has been baked: move it along with its strip, go on with a copy."""

from __future__ import annotations

from collections.abc import Iterator

import bpy

from ..bake.bake_status import bakes_to_follow, can_move, is_baked, moved_since_bake
from ..generate import jobs
from .reporting import ReportingOperator


class EMOTALK_OT_move_keys(ReportingOperator):
    """Move the keys of the last Generate, and your own among them, to where the strip is now"""

    bl_idname = "emotalk.move_keys"
    bl_label = "Move Keys With Strip"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where the strip has been moved or trimmed since."""
        from ..generate.readiness import mode_reason

        wrong_mode = mode_reason(context)
        cls.poll_message_set(wrong_mode or moved_since_bake(context) or "The keys are where the strip is.")
        return not wrong_mode and can_move(context)

    def attempt(self, context: bpy.types.Context) -> None:
        """Move the keys, of all targets or of none."""
        from ..bake.move_keys import check_move, move_keys

        found = bakes_to_follow(context)
        bakes = found.bakes if found else []
        for target, bake in bakes:
            check_move(target, bake)
        for target, bake in bakes:
            move_keys(target, bake)
        jobs.state.end("")  # The last Generate told on which frames the keys are; they no longer are there.


class EMOTALK_OT_new_take(bpy.types.Operator):
    """Go on with a copy of the Action. The take so far stays as it is: go back to it with Blender's Action selector"""

    bl_idname = "emotalk.new_take"
    bl_label = "New Take"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only after a first take."""
        from ..generate.readiness import mode_reason

        wrong_mode = mode_reason(context)
        cls.poll_message_set(wrong_mode or "Generate a first take of this strip.")
        return not wrong_mode and is_baked(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy each Action once, for all in the scene that share it."""
        found = bakes_to_follow(context)
        actions = {bake.place.action for _, bake in found.bakes} if found else set()
        copies = {action: _copy(action) for action in actions}
        for animation in _animations(context.scene):
            copy, slot = copies.get(animation.action), animation.action_slot
            if copy is not None:
                animation.action = copy
                animation.action_slot = copy.slots[slot.identifier] if slot else None
        names = ", ".join(f'"{action.name}"' for action in copies.values())
        self.report({"INFO"}, f"Now on {names}")
        return {"FINISHED"}


def _copy(action: bpy.types.Action) -> bpy.types.Action:
    """A copy of a take's Action to go on with; the old one is kept in the file, and joined by no other mesh."""
    from ..bake.actions import TAKE

    copy = action.copy()
    if action.is_editable:
        action.use_fake_user = True
        if TAKE in action:
            del action[TAKE]
    return copy


def _animations(scene: bpy.types.Scene) -> Iterator[bpy.types.AnimData]:
    """The animation data of the objects of a scene, of their data and of their shape keys."""
    for animated in scene.objects:
        for owner in (animated, animated.data, getattr(animated.data, "shape_keys", None)):
            if owner is not None and owner.is_editable and owner.animation_data is not None:
                yield owner.animation_data


_CLASSES = (EMOTALK_OT_move_keys, EMOTALK_OT_new_take)


def register() -> None:
    """Called when the extension is enabled."""
    for operator in _CLASSES:
        bpy.utils.register_class(operator)


def unregister() -> None:
    """Called when the extension is disabled."""
    for operator in reversed(_CLASSES):
        bpy.utils.unregister_class(operator)

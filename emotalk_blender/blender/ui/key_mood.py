# SPDX-License-Identifier: GPL-3.0-or-later
"""Key Mood: all of a mix keyed at once, so that it changes from one key to the next and nowhere else."""

from __future__ import annotations

import bpy

from ...errors import EmoTalkError
from ...moods import EMOTIONS
from ..generate import live
from .reporting import ReportingOperator

MOOD = ("intensity", *(f"weight_{emotion}" for emotion in EMOTIONS))
"""Settings of Scene.emotalk that say how a mix feels."""


class EMOTALK_OT_key_mood(ReportingOperator):
    """Key the intensity and all seven emotions on this frame. Key another mix on a later frame to change the mood"""

    bl_idname = "emotalk.key_mood"
    bl_label = "Key Mood"
    bl_options = {"REGISTER", "UNDO"}

    def attempt(self, context: bpy.types.Context) -> None:
        """Insert the keys."""
        scene = context.scene
        try:
            for name in MOOD:
                scene.keyframe_insert(f"emotalk.{name}", frame=scene.frame_current, group="Mood")
        except RuntimeError as error:
            raise EmoTalkError(
                f'The scene "{scene.name}" cannot be keyed. Make it or its Action local first.'
            ) from error
        live.settings_changed(context)


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_OT_key_mood)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_OT_key_mood)

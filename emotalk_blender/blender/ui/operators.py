# SPDX-License-Identifier: GPL-3.0-or-later
"""What the buttons do: thin over emotalk_blender.api, which a script can call as well."""

from __future__ import annotations

import bpy
from bpy_extras.io_utils import ImportHelper

from ...errors import EmoTalkError
from .. import compat
from ..generate import jobs
from .properties import EMOTION_ITEMS
from .reporting import ReportingOperator

_GIVEN = ("emotion", "intensity", "person")
"""Settings that a script may give to Generate instead."""


class EMOTALK_OT_generate(ReportingOperator):
    """Let the selected face speak the sound strip. Your own edits of an earlier Generate stay, unless told otherwise"""

    bl_idname = "emotalk.generate"
    bl_label = "Generate"

    # Each stands for the setting of this name in Scene.emotalk where a script gives it.
    strip: bpy.props.StringProperty(
        name="Sound Strip",
        description="Speak this strip instead of the one that the panel shows",
        options={"SKIP_SAVE"},
    )
    emotion: bpy.props.EnumProperty(
        name="Emotion",
        description="Perform this emotion instead of the one that the panel shows",
        items=EMOTION_ITEMS,
        options={"SKIP_SAVE"},
    )
    intensity: bpy.props.FloatProperty(
        name="Intensity",
        description="Perform the emotion this strongly instead of as the panel shows",
        default=1.0,
        options={"SKIP_SAVE"},
    )
    person: bpy.props.IntProperty(
        name="Person", description="Speak as this person instead of the one that the panel shows", options={"SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason; in background mode the operator itself raises the reason."""
        from ..generate.readiness import disabled_reason

        reason = "" if bpy.app.background else disabled_reason(context)
        cls.poll_message_set(reason)
        return not reason

    def attempt(self, context: bpy.types.Context) -> None:
        """Start the work beside the interface, or, in background mode, do it all now."""
        from ... import api

        names = [name for name in _GIVEN if self.properties.is_property_set(name)]
        strip = self.strip if self.properties.is_property_set("strip") else context.scene.emotalk.strip
        if not strip:
            raise EmoTalkError("No sound strip is picked. Pick one.")
        line = api.make_line(strip, context.selected_objects, **{name: getattr(self, name) for name in names})
        if bpy.app.background:
            self.report({"INFO"}, api.bake(line, api.generate(line)))
        else:
            api.start(line)


class EMOTALK_OT_cancel(bpy.types.Operator):
    """Stop generating; nothing is baked"""

    bl_idname = "emotalk.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Only while something runs."""
        return jobs.state.job is not None

    def execute(self, _context: bpy.types.Context) -> set[str]:
        """Stop the job."""
        jobs.cancel()
        return {"FINISHED"}


class EMOTALK_OT_open_audio(ReportingOperator, ImportHelper):
    """Open a sound file as a strip at the current frame, and pick that strip"""

    bl_idname = "emotalk.open_audio"
    bl_label = "Open Audio"
    bl_options = {"REGISTER", "UNDO"}

    filter_sound: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_movie: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def attempt(self, context: bpy.types.Context) -> None:
        """Add the strip."""
        from ... import api

        strip = api.add_strip(self.filepath, compat.sequencer_scene(context).frame_current)
        context.scene.emotalk.strip = strip.name


class EMOTALK_OT_add_face(bpy.types.Operator):
    """Add a stylized head with all 52 ARKit shape keys, teeth, tongue and eyes"""

    bl_idname = "emotalk.add_face"
    bl_label = "EmoTalk Face"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Objects are added in Object Mode."""
        cls.poll_message_set("Switch to Object Mode.")
        return context.mode == "OBJECT"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Build the face and select all of its meshes; the head is active."""
        from ..demo_face.build import build_face

        objects = build_face(context)
        for other in context.selected_objects:
            other.select_set(False)
        for part in objects:
            part.select_set(True)
        context.view_layer.objects.active = objects[0]
        return {"FINISHED"}


def _add_menu(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator(EMOTALK_OT_add_face.bl_idname, icon="MONKEY")


_CLASSES = (EMOTALK_OT_generate, EMOTALK_OT_cancel, EMOTALK_OT_open_audio, EMOTALK_OT_add_face)


def register() -> None:
    """Called when the extension is enabled."""
    for operator in _CLASSES:
        bpy.utils.register_class(operator)
    bpy.types.VIEW3D_MT_mesh_add.append(_add_menu)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.types.VIEW3D_MT_mesh_add.remove(_add_menu)
    for operator in reversed(_CLASSES):
        bpy.utils.unregister_class(operator)

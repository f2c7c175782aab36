# SPDX-License-Identifier: GPL-3.0-or-later
"""The EmoTalk panel in the sidebar of the 3D View: sound, face, performance, Generate. All else is in sub-panels."""

from __future__ import annotations

import bpy

from ...errors import EmoTalkError
from ...moods import FROM_STRIP, FROM_VOICE, MIX
from .. import compat
from ..addon_settings import model_choice
from ..bake.bake_status import edited_keys, moved_since_bake
from ..generate import jobs
from .bake_operators import EMOTALK_OT_move_keys
from .key_mood import MOOD, EMOTALK_OT_key_mood
from .operators import EMOTALK_OT_cancel, EMOTALK_OT_generate, EMOTALK_OT_open_audio
from .performance_presets import EMOTALK_PT_performance_presets
from .settings_version import newer_note
from .wrapped_text import draw_sentence, wrapped

CATEGORY = "EmoTalk"
"""The tab of the sidebar."""


class EMOTALK_PT_main(bpy.types.Panel):
    """Sound, face, performance, Generate."""

    bl_idname = "EMOTALK_PT_main"
    bl_label = "EmoTalk"
    bl_category = CATEGORY
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel from top to bottom as an artist works through it."""
        layout = self.layout
        _draw_audio(layout.column(), context)
        _draw_face(layout.column(), context)
        _draw_performance(layout.column(), context)
        layout.separator()
        if jobs.state.job is None:
            _draw_generate(layout.column(), context)
        else:
            _draw_progress(layout.column(), jobs.state.job)


def _draw_audio(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    from ..sequencer.strips import audible_stretch, find_strip, sound_strips

    settings = context.scene.emotalk
    column.label(text="Audio")
    if not any(sound_strips(compat.sequencer_scene(context))):
        column.operator(EMOTALK_OT_open_audio.bl_idname, icon="FILEBROWSER")
        return
    row = column.row(align=True)
    row.prop(settings, "strip", text="", icon="SOUND", placeholder="Sound Strip")
    row.operator(EMOTALK_OT_open_audio.bl_idname, text="", icon="FILEBROWSER")
    if settings.strip:
        try:
            scene = compat.sequencer_scene(context)
            stretch = audible_stretch(scene, find_strip(scene, settings.strip))
        except EmoTalkError:
            return  # Told under the button.
        frames = stretch.frames(stretch.duration)
        if len(frames):
            for line in wrapped(f"{stretch.duration:.2f} s, frames {frames[0]} to {frames[-1]}", context):
                column.label(text=line)


def _draw_face(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    from ..face.targets import find_targets

    column.label(text="Face")
    targets = find_targets(context.selected_objects)
    box = column.box().column(align=True)
    for target in targets:
        row = box.row()
        row.label(text=target.object.name, icon="MESH_DATA")
        count = row.row()
        count.alignment = "RIGHT"
        count.label(text=target.mapping.report)
    if not targets:
        box.label(text="No face selected", icon="MESH_DATA")


def _draw_performance(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.emotalk
    heading = column.row()
    heading.label(text="Performance")
    heading.popover(EMOTALK_PT_performance_presets.bl_idname, text="", icon="PRESET")
    column.prop(settings, "emotion", text="")
    note = voice_note(settings.emotion)
    if note:
        draw_sentence(column, context, note, "INFO")
    if settings.emotion == FROM_STRIP:
        column.prop(settings, "borrowed_strip", text="", icon="SOUND", placeholder="Mood From")
        column.prop(settings, "borrowed_strength", slider=True)
    if settings.emotion == MIX:
        mix = column.column(align=True)
        for name in MOOD:
            _draw_keyable(mix, settings, name)
        column.operator(EMOTALK_OT_key_mood.bl_idname, icon="KEY_HLT")
    else:
        _draw_keyable(column, settings, "intensity")
    column.prop(settings, "person")


def _draw_keyable(column: bpy.types.UILayout, settings: bpy.types.PropertyGroup, name: str) -> None:
    """A slider, and beside it the dot that sets and shows its keys."""
    row = column.row(align=True)
    row.prop(settings, name, slider=True)
    row.prop_decorator(settings, name)


def voice_note(emotion: str) -> str:
    """What the artist can expect of this choice of emotion; empty where its name says it all."""
    if emotion == FROM_VOICE and model_choice() is None:
        return "Hears calm or excited, not the mood. For a mood, choose one."
    return ""


def _draw_generate(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    from ..generate.readiness import disabled_reason

    row = column.split(factor=0.7, align=True)
    row.scale_y = 1.5
    row.operator(EMOTALK_OT_generate.bl_idname, icon="PLAY")
    row.prop(context.scene.emotalk, "live", toggle=True)
    reason = disabled_reason(context)
    state = jobs.state
    if state.message and (state.failed or not reason):
        draw_sentence(column, context, state.message, "ERROR" if state.failed else "INFO")
    if reason:
        draw_sentence(column, context, reason, "INFO")
    newer = newer_note(context.scene.emotalk)
    if newer:
        draw_sentence(column, context, newer, "INFO")
    moved = moved_since_bake(context)
    if moved:
        draw_sentence(column, context, moved, "ERROR")
        column.operator(EMOTALK_OT_move_keys.bl_idname, icon="ANIM")
    edits = edits_note(edited_keys(context), context.scene.emotalk.edits)
    if edits:
        draw_sentence(column, context, edits, "KEYFRAME_HLT")


def edits_note(count: int, choice: str) -> str:
    """What the next Generate does to so many keys that the artist has edited; empty where there are none."""
    if count == 0:
        return ""
    keys = "1 edited key" if count == 1 else f"{count} edited keys"
    return f"{keys} will be kept" if choice == "KEEP" else f"{keys} will be replaced"


def _draw_progress(column: bpy.types.UILayout, job: jobs.Job) -> None:
    column.progress(factor=job.part, text=job.progress, type="BAR")
    column.operator(EMOTALK_OT_cancel.bl_idname, icon="X")


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PT_main)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_PT_main)

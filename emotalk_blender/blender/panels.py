# SPDX-License-Identifier: GPL-3.0-or-later
"""The EmoTalk panel in the sidebar of the 3D View."""

from __future__ import annotations

import blf
import bpy

from ..curves import ARKIT_NAMES
from ..errors import EmoTalkError
from ..inference.performance import FROM_VOICE
from . import compat, jobs
from .operators import EMOTALK_OT_cancel, EMOTALK_OT_generate, EMOTALK_OT_open_audio
from .preferences import model_choice
from .readiness import disabled_reason
from .strips import audible_stretch, find_strip, sound_strips
from .targets import find_targets

_UI_FONT = 0

_AROUND_TEXT = 75
"""Pixels of the sidebar that icon, margins and tabs take, at a scale of 1."""


class EMOTALK_PT_main(bpy.types.Panel):
    """Sound, face, performance, Generate."""

    bl_idname = "EMOTALK_PT_main"
    bl_label = "EmoTalk"
    bl_category = "EmoTalk"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel from top to bottom as an artist works through it."""
        layout = self.layout
        _draw_audio(layout.column(), context)
        _draw_face(layout.column(), context)
        _draw_performance(layout.column(), context)
        if jobs.state.job is None:
            _draw_generate(layout.column(), context)
        else:
            _draw_progress(layout.column(), jobs.state.job)


def _draw_audio(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
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
            for line in _wrapped(f"{stretch.duration:.2f} s, frames {frames[0]} to {frames[-1]}", context):
                column.label(text=line)


def _draw_face(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    column.label(text="Face")
    targets = find_targets(context.selected_objects)
    box = column.box().column(align=True)
    for target in targets:
        row = box.row()
        row.label(text=target.object.name, icon="MESH_DATA")
        count = row.row()
        count.alignment = "RIGHT"
        count.label(text=f"{target.mapping.count} of {len(ARKIT_NAMES)}")
    if not targets:
        box.label(text="No face selected", icon="MESH_DATA")


def _draw_performance(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    settings = context.scene.emotalk
    column.label(text="Performance")
    column.prop(settings, "emotion", text="")
    note = voice_note(settings.emotion)
    if note:
        _draw_sentence(column, context, note, "INFO")
    column.prop(settings, "intensity", slider=True)
    column.prop(settings, "person")


def voice_note(emotion: str) -> str:
    """What the artist can expect of this choice of emotion; empty where its name says it all."""
    if emotion == FROM_VOICE and model_choice() is None:
        return "Hears calm or excited, not the mood. For a mood, choose one."
    return ""


def _draw_generate(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    column.separator()
    row = column.row()
    row.scale_y = 1.5
    row.operator(EMOTALK_OT_generate.bl_idname, icon="PLAY")
    reason = disabled_reason(context)
    state = jobs.state
    if state.message and (state.failed or not reason):
        _draw_sentence(column, context, state.message, "ERROR" if state.failed else "INFO")
    if reason:
        _draw_sentence(column, context, reason, "INFO")


def _draw_progress(column: bpy.types.UILayout, job: jobs.Job) -> None:
    column.separator()
    column.progress(factor=job.part, text=f"{job.stage} {job.part:.0%}", type="BAR")
    column.operator(EMOTALK_OT_cancel.bl_idname, icon="X")


def _draw_sentence(column: bpy.types.UILayout, context: bpy.types.Context, sentence: str, icon: str) -> None:
    """Labels do not wrap by themselves."""
    lines = column.column(align=True)
    for index, line in enumerate(_wrapped(sentence, context)):
        lines.label(text=line, icon=icon if index == 0 else "BLANK1")


def _wrapped(sentence: str, context: bpy.types.Context) -> list[str]:
    """The sentence in lines that fit the sidebar beside an icon."""
    scale = context.preferences.system.ui_scale
    blf.size(_UI_FONT, context.preferences.ui_styles[0].widget.points * scale)
    room = context.region.width - _AROUND_TEXT * scale
    lines: list[str] = []
    for word in sentence.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and blf.dimensions(_UI_FONT, longer)[0] <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PT_main)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_PT_main)

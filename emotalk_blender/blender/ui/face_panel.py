# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-panel Face: what of the active object is driven by what, and how to change that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bpy

from ..face.naming import OWN
from .face_rows import (
    EMOTALK_OT_add_face_row,
    EMOTALK_OT_delete_face_preset,
    EMOTALK_OT_edit_face_rows,
    EMOTALK_OT_load_face_preset,
    EMOTALK_OT_make_face_editable,
    EMOTALK_OT_remove_face_row,
    EMOTALK_OT_save_face_preset,
)
from .wrapped_text import draw_sentence

if TYPE_CHECKING:
    from ...rig.mapping import Mapping

_FEW = 12
"""The most missing names that are told one by one."""


class EMOTALK_UL_face_rows(bpy.types.UIList):
    """Rows: the control, what drives it, how much."""

    bl_idname = "EMOTALK_UL_face_rows"

    lost: frozenset[str] = frozenset()
    """Controls that are not there; found once by the panel that draws the list, not for each line of it."""

    def draw_item(
        self,
        _context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _face: bpy.types.Object,
        row: bpy.types.PropertyGroup,
        _icon: int,
        _active_data: bpy.types.Object,
        _active_name: str,
    ) -> None:
        """Draw one row; what cannot be driven has a warning before it."""
        split = layout.split(factor=0.5)
        lost = not row.is_known or row.name in EMOTALK_UL_face_rows.lost
        split.label(text=row.name or "No Control", icon="ERROR" if lost else "NONE")
        split.label(text=row.source or "No Source")


class EMOTALK_MT_face_presets(bpy.types.Menu):
    """Presets of faces that you have saved"""

    bl_idname = "EMOTALK_MT_face_presets"
    bl_label = "My Face Presets"

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw an entry to load each preset, one to save this face as a preset, and a menu to delete one."""
        from ..face.user_presets import own_presets

        layout = self.layout
        for name in own_presets():
            layout.operator(EMOTALK_OT_load_face_preset.bl_idname, text=name, translate=False).preset = name
        layout.separator()
        layout.operator_context = "INVOKE_DEFAULT"
        layout.operator(EMOTALK_OT_save_face_preset.bl_idname, text="Save...", icon="ADD")
        if own_presets():
            layout.menu(EMOTALK_MT_delete_face_preset.bl_idname, icon="REMOVE")


class EMOTALK_MT_delete_face_preset(bpy.types.Menu):
    """Delete a preset of faces that you have saved"""

    bl_idname = "EMOTALK_MT_delete_face_preset"
    bl_label = "Delete"

    def draw(self, _context: bpy.types.Context) -> None:
        """Draw an entry for each preset."""
        from ..face.user_presets import own_presets

        for name in own_presets():
            operator = self.layout.operator(EMOTALK_OT_delete_face_preset.bl_idname, text=name, translate=False)
            operator.preset = name


class EMOTALK_PT_face(bpy.types.Panel):
    """What of the active object is driven by what."""

    bl_idname = "EMOTALK_PT_face"
    bl_label = "Face"
    bl_parent_id = "EMOTALK_PT_main"
    bl_category = "EmoTalk"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 0

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what was recognized, what is missing, and the rows."""
        from ..face.targets import face_is_linked, mapping_of, why_no_target

        layout, face = self.layout, context.object
        if face is None:
            draw_sentence(layout, context, "Select a face.", "INFO")
            return
        if face_is_linked(face):
            draw_sentence(layout, context, "The shape keys are linked from another file.", "LIBRARY_DATA_DIRECT")
            layout.operator(EMOTALK_OT_make_face_editable.bl_idname, icon="LIBRARY_DATA_OVERRIDE")
        row = layout.row(align=True)
        row.prop(face, "emotalk_preset", text="")
        row.menu(EMOTALK_MT_face_presets.bl_idname, text="", icon="PRESET")
        mapping = mapping_of(face)
        if mapping is not None:
            for sentence in report(mapping):
                draw_sentence(layout.column(), context, sentence, "NONE")
        elif not face_is_linked(face):
            draw_sentence(layout, context, why_no_target(face), "INFO")
        if face.emotalk_preset == OWN:
            EMOTALK_UL_face_rows.lost = frozenset(mapping.missing if mapping else ())
            _draw_rows(layout, face)
        else:
            layout.operator(EMOTALK_OT_edit_face_rows.bl_idname, icon="GREASEPENCIL")


def report(mapping: Mapping) -> list[str]:
    """One sentence on what was recognized, and one on what is missing, if anything is."""
    sentences = [f"{mapping.preset}: {mapping.report}" if mapping.preset else f"{mapping.report} rows are driven"]
    if mapping.missing and mapping.count:
        hidden = len(mapping.missing) - _FEW
        names = ", ".join(mapping.missing[:_FEW])
        sentences.append(f"Missing: {names} and {hidden} more" if hidden > 0 else f"Missing: {names}")
    return sentences


def _draw_rows(layout: bpy.types.UILayout, face: bpy.types.Object) -> None:
    row = layout.row()
    row.template_list(EMOTALK_UL_face_rows.bl_idname, "", face, "emotalk_rows", face, "emotalk_active_row", rows=5)
    buttons = row.column(align=True)
    buttons.operator(EMOTALK_OT_add_face_row.bl_idname, text="", icon="ADD")
    buttons.operator(EMOTALK_OT_remove_face_row.bl_idname, text="", icon="REMOVE")
    if 0 <= face.emotalk_active_row < len(face.emotalk_rows):
        active = face.emotalk_rows[face.emotalk_active_row]
        column = layout.column(align=True)
        column.prop(active, "name", text="", icon="SHAPEKEY_DATA", placeholder="Control")
        column.prop(active, "source", text="", icon="DRIVER", placeholder="Source")
        column.prop(active, "strength")


_CLASSES = (EMOTALK_UL_face_rows, EMOTALK_MT_face_presets, EMOTALK_MT_delete_face_preset, EMOTALK_PT_face)


def register() -> None:
    """Called when the extension is enabled, after the main panel."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Called when the extension is disabled."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)

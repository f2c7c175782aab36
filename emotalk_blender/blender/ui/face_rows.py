# SPDX-License-Identifier: GPL-3.0-or-later
"""Object.emotalk_preset and emotalk_rows: how a face's controls are recognized, or the artist's own rows for them.

They lie on the object itself, not in a group: of a group that the library has not stored, Blender 5.0 loses what an
override of it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import bpy

from ...errors import EmoTalkError
from ..face.naming import OWN, PRESET_ITEMS
from ..generate import live
from .reporting import ReportingOperator

if TYPE_CHECKING:
    from ...rig.mapping import Row

_OVERRIDE = {"LIBRARY_OVERRIDABLE"}


def _changed(_settings: object, context: bpy.types.Context) -> None:
    live.settings_changed(context)


def _source_names(_row: object, _context: bpy.types.Context, _typed: str) -> Sequence[str]:
    from ...rig.sources import SOURCES

    return SOURCES


def _control_names(row: bpy.types.PropertyGroup, _context: bpy.types.Context, _typed: str) -> list[str]:
    from ..face.controls import controls_of

    return [name for controls in controls_of(row.id_data) for name in controls.paths]


class EMOTALK_PG_face_row(bpy.types.PropertyGroup):
    """One control of the face, and what drives it."""

    name: bpy.props.StringProperty(
        name="Control",
        description="A shape key or custom property by its name, or the data path of a number on this object, such as "
        'pose.bones["jaw"].rotation_euler[0]',
        search=_control_names,
        search_options={"SUGGESTION"},
        update=_changed,
        override=_OVERRIDE,
    )
    source: bpy.props.StringProperty(
        name="Source",
        description="The blendshape, or the pose of the mouth, that the control follows",
        search=_source_names,
        update=_changed,
        override=_OVERRIDE,
    )
    strength: bpy.props.FloatProperty(
        name="Strength",
        description="What the control is set to where the source is fully on. Below 0 it goes the other way; angles "
        "are in radians. Rows of the same control add up",
        default=1.0,
        soft_min=-2.0,
        soft_max=2.0,
        update=_changed,
        override=_OVERRIDE,
    )

    @property
    def is_known(self) -> bool:
        """Whether the row's source is one that EmoTalk knows."""
        from ...rig.sources import SOURCES

        return self.source in SOURCES


class _OnFace(ReportingOperator):
    """An operator on the active object."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where there is an object that may be changed."""
        cls.poll_message_set("Select a face that is not linked from another file.")
        return context.object is not None and context.object.is_editable

    def attempt(self, context: bpy.types.Context) -> None:
        """Change the active object, and let Live follow."""
        self.change(context.object)
        live.settings_changed(context)

    def change(self, face: bpy.types.Object) -> None:
        """What the operator does to the object. Raises EmoTalkError where that is not possible."""
        raise NotImplementedError


class EMOTALK_OT_edit_face_rows(_OnFace):
    """Make what was recognized into rows that you can edit"""

    bl_idname = "emotalk.edit_face_rows"
    bl_label = "Edit Rows"

    def change(self, face: bpy.types.Object) -> None:
        """Replace the object's rows by those that were recognized."""
        from ..face.targets import mapping_of

        mapping = mapping_of(face)
        set_rows(face, mapping.rows if mapping else ())


class EMOTALK_OT_add_face_row(_OnFace):
    """Add a row for another control"""

    bl_idname = "emotalk.add_face_row"
    bl_label = "Add Row"

    def change(self, face: bpy.types.Object) -> None:
        """Add an empty row at the end, and make it active."""
        face.emotalk_rows.add()
        face.emotalk_active_row = len(face.emotalk_rows) - 1
        face.emotalk_preset = OWN


class EMOTALK_OT_remove_face_row(_OnFace):
    """Remove this row; its control is no longer driven, and keeps the keys that it has"""

    bl_idname = "emotalk.remove_face_row"
    bl_label = "Remove Row"

    def change(self, face: bpy.types.Object) -> None:
        """Remove the active row; the one that takes its place is active then."""
        index, rows = face.emotalk_active_row, face.emotalk_rows
        if not 0 <= index < len(rows):
            raise EmoTalkError("No row is active. Click on the one to remove.")
        rows.remove(index)
        face.emotalk_active_row = max(0, min(index, len(rows) - 1))


class EMOTALK_OT_load_face_preset(_OnFace):
    """Take the rows of this preset of yours"""

    bl_idname = "emotalk.load_face_preset"
    bl_label = "Load Face Preset"

    preset: bpy.props.StringProperty(name="Preset", options={"SKIP_SAVE"})

    def change(self, face: bpy.types.Object) -> None:
        """Replace the object's rows by those of the preset."""
        set_rows(face, _own_preset(self.preset))


class EMOTALK_OT_save_face_preset(_OnFace):
    """Keep these rows as a preset of yours. Automatic takes it for every face that has all of its controls"""

    bl_idname = "emotalk.save_face_preset"
    bl_label = "Save Face Preset"

    preset: bpy.props.StringProperty(name="Name", description="One of the same name is replaced", default="My Face")

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        """Ask for the name."""
        return context.window_manager.invoke_props_dialog(self)

    def change(self, face: bpy.types.Object) -> None:
        """Save the rows as they drive the face now, recognized or the artist's own."""
        from ..face.targets import mapping_of
        from ..face.user_presets import save_own_preset

        mapping = mapping_of(face)
        save_own_preset(self.preset, mapping.rows if mapping else ())


class EMOTALK_OT_delete_face_preset(_OnFace):
    """Delete this preset of yours; faces keep the rows that they took from it"""

    bl_idname = "emotalk.delete_face_preset"
    bl_label = "Delete Face Preset"

    preset: bpy.props.StringProperty(name="Preset", options={"SKIP_SAVE"})

    def change(self, face: bpy.types.Object) -> None:
        """Delete the preset's file. Raises EmoTalkError where there is none."""
        from ..face.user_presets import delete_own_preset

        _own_preset(self.preset)
        delete_own_preset(self.preset)


class EMOTALK_OT_make_face_editable(ReportingOperator):
    """Override the linked meshes of the selected objects, so that this file can animate their shape keys"""

    bl_idname = "emotalk.make_face_editable"
    bl_label = "Make Face Editable"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only where a selected face is linked."""
        from ..face.targets import face_is_linked

        cls.poll_message_set("Select an object of this file, or an override, whose mesh is linked.")
        return any(face_is_linked(face) for face in context.selected_objects)

    def attempt(self, context: bpy.types.Context) -> None:
        """Override the mesh, which overrides its shape keys too; Object > Library Override > Make leaves both out."""
        from ..face.targets import face_is_linked

        for face in context.selected_objects:
            if face_is_linked(face) and face.data.override_create(remap_local_usages=True) is None:
                raise EmoTalkError(f'The mesh of "{face.name}" cannot be overridden. Make it local.')


def set_rows(face: bpy.types.Object, rows: Sequence[Row]) -> None:
    """Give an object rows of its own, in place of those that it has."""
    face.emotalk_rows.clear()
    for row in rows:
        made = face.emotalk_rows.add()
        made.name, made.source, made.strength = row.target, row.source, row.strength
    face.emotalk_active_row = 0
    face.emotalk_preset = OWN


def _own_preset(name: str) -> tuple[Row, ...]:
    from ..face.user_presets import own_presets

    presets = own_presets()
    if name not in presets:
        raise EmoTalkError(f'There is no preset "{name}". Choose another.')
    return presets[name]


_CLASSES = (
    EMOTALK_PG_face_row,
    EMOTALK_OT_edit_face_rows,
    EMOTALK_OT_add_face_row,
    EMOTALK_OT_remove_face_row,
    EMOTALK_OT_load_face_preset,
    EMOTALK_OT_save_face_preset,
    EMOTALK_OT_delete_face_preset,
    EMOTALK_OT_make_face_editable,
)


def register() -> None:
    """Called when the extension is enabled."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Object.emotalk_preset = bpy.props.EnumProperty(
        name="Names",
        description="How the controls of this face are named",
        items=PRESET_ITEMS,
        options=set(),
        update=_changed,
        override=_OVERRIDE,
    )
    bpy.types.Object.emotalk_rows = bpy.props.CollectionProperty(
        type=EMOTALK_PG_face_row, override={"LIBRARY_OVERRIDABLE", "USE_INSERTION"}
    )
    bpy.types.Object.emotalk_active_row = bpy.props.IntProperty(options=set(), override=_OVERRIDE)


def unregister() -> None:
    """Called when the extension is disabled."""
    del bpy.types.Object.emotalk_preset, bpy.types.Object.emotalk_rows, bpy.types.Object.emotalk_active_row
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)

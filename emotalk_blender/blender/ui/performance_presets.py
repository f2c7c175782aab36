# SPDX-License-Identifier: GPL-3.0-or-later
"""Performances kept as presets: how a character feels and moves, for the next shot.

Blender's own presets are Python that runs when one is chosen. These are data: one from elsewhere can do no harm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import bpy

from ...animation.settings import RegionStrengths
from ...errors import EmoTalkError
from ...moods import EMOTIONS
from ...settings import settings_of
from ..user_folder import user_folder
from .reporting import ReportingOperator

SETTINGS = (
    "emotion",
    "intensity",
    "person",
    *(f"weight_{emotion}" for emotion in EMOTIONS),
    "borrowed_strength",
    "smoothing",
    "closure",
    *(f"strength_{region}" for region in settings_of(RegionStrengths)),
    "blinks",
    "blink_rate",
    "gaze",
)
"""What a preset holds of Scene.emotalk: nothing that belongs to one shot alone, as strips, offset and seed do."""

FOLDER = "performances"

Values = Mapping[str, Any]
"""Name of a setting -> its value, as JSON has it."""


def kept_performances() -> dict[str, Values]:
    """Name -> values of each preset, sorted by name. Read anew only after a change: the panel asks at every redraw."""
    from ...files.named_json import last_change

    folder = user_folder(FOLDER)
    return _read(folder, last_change(folder))


@lru_cache(maxsize=1)
def _read(folder: Path, _changed: int) -> dict[str, Values]:
    from ...files.named_json import read_named

    return read_named(folder, _values)


def _values(content: Mapping[str, Any]) -> Values:
    values = content["settings"]
    if not isinstance(values, dict):
        raise TypeError("its settings are no table")
    return values


def keep_performance(settings: bpy.types.PropertyGroup, name: str) -> None:
    """Keep the performance that these settings describe. Raises EmoTalkError where that is not possible."""
    from ...files.named_json import write_named

    write_named(user_folder(FOLDER), name, {"settings": {setting: getattr(settings, setting) for setting in SETTINGS}})
    _read.cache_clear()


def remove_performance(name: str) -> None:
    """Forget the preset of this name. Raises EmoTalkError where that is not possible."""
    from ...files.named_json import remove_named

    remove_named(user_folder(FOLDER), name)
    _read.cache_clear()


def load_performance(settings: bpy.types.PropertyGroup, name: str) -> None:
    """Set what a preset says; settings that it does not name, or that are unknown here, stay as they are.

    Raises EmoTalkError for a preset that is not there or cannot be meant, and then nothing is set.
    """
    kept = kept_performances().get(name)
    if kept is None:
        raise EmoTalkError(f'There is no preset "{name}". Choose another.')
    known = settings.bl_rna.properties
    try:
        values = {setting: _fitting(known[setting], kept[setting]) for setting in SETTINGS if setting in kept}
    except ValueError as error:
        raise EmoTalkError(f'The preset "{name}" cannot be loaded: {error}. Remove it, and add it anew.') from error
    for setting, value in values.items():
        setattr(settings, setting, value)


def _fitting(prop: bpy.types.Property, value: Any) -> Any:
    """A value as the setting takes it, within its range. Raises ValueError for one of another kind."""
    if prop.type == "ENUM" and isinstance(value, str) and value in prop.enum_items:
        return value
    if prop.type == "BOOLEAN" and isinstance(value, bool):
        return value
    if prop.type in {"FLOAT", "INT"} and isinstance(value, float | int) and not isinstance(value, bool):
        if prop.type == "FLOAT" and math.isfinite(value):
            return float(min(max(value, prop.hard_min), prop.hard_max))
        if prop.type == "INT" and isinstance(value, int):
            return min(max(value, prop.hard_min), prop.hard_max)
    raise ValueError(f"{prop.name} is unknown here, or no {prop.name.lower()} at all")


class EMOTALK_OT_performance_preset_add(ReportingOperator):
    """Keep this performance, and how it is animated, as a preset for other shots. One of the same name is replaced"""

    bl_idname = "emotalk.performance_preset_add"
    bl_label = "Add Performance Preset"
    bl_options = {"INTERNAL"}

    name: bpy.props.StringProperty(name="Name", description="Name of the preset", options={"SKIP_SAVE"})

    def attempt(self, context: bpy.types.Context) -> None:
        """Write its file."""
        keep_performance(context.scene.emotalk, self.name)


class EMOTALK_OT_performance_preset_remove(ReportingOperator):
    """Remove this preset; performances that were made with it stay as they are"""

    bl_idname = "emotalk.performance_preset_remove"
    bl_label = "Remove Performance Preset"
    bl_options = {"INTERNAL"}

    name: bpy.props.StringProperty(name="Name", description="The preset to remove", options={"SKIP_SAVE"})

    def attempt(self, _context: bpy.types.Context) -> None:
        """Delete its file."""
        remove_performance(self.name)


class EMOTALK_OT_performance_preset_load(ReportingOperator):
    """Perform as this preset says"""

    bl_idname = "emotalk.performance_preset_load"
    bl_label = "Load Performance Preset"
    bl_options = {"INTERNAL", "UNDO"}

    name: bpy.props.StringProperty(name="Name", description="The preset to load", options={"SKIP_SAVE"})

    def attempt(self, context: bpy.types.Context) -> None:
        """Set what the preset says. Live follows once, when all is set, and not each setting by itself."""
        settings = context.scene.emotalk
        follows = settings.live
        settings.live = False
        try:
            load_performance(settings, self.name)
        finally:
            settings.live = follows


class EMOTALK_PT_performance_presets(bpy.types.Panel):
    """Keep a performance for other shots, or take one from there."""

    bl_idname = "EMOTALK_PT_performance_presets"
    bl_label = "Performance Presets"
    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the presets, and a field to keep a new one, as Blender draws its own."""
        layout = self.layout
        layout.emboss = "PULLDOWN_MENU"
        layout.operator_context = "EXEC_DEFAULT"
        column = layout.column(align=True)
        for name in kept_performances():
            row = column.row(align=True)
            row.operator(EMOTALK_OT_performance_preset_load.bl_idname, text=name, translate=False).name = name
            row.operator(EMOTALK_OT_performance_preset_remove.bl_idname, text="", icon="REMOVE").name = name
        layout.separator()
        row = layout.row()
        field = row.row()
        field.emboss = "NORMAL"
        field.prop(context.window_manager, "preset_name", text="")
        add = row.operator(EMOTALK_OT_performance_preset_add.bl_idname, text="", icon="ADD")
        add.name = context.window_manager.preset_name


_CLASSES = (
    EMOTALK_OT_performance_preset_add,
    EMOTALK_OT_performance_preset_remove,
    EMOTALK_OT_performance_preset_load,
    EMOTALK_PT_performance_presets,
)


def register() -> None:
    """Called when the extension is enabled."""
    for preset_class in _CLASSES:
        bpy.utils.register_class(preset_class)


def unregister() -> None:
    """Called when the extension is disabled."""
    for preset_class in reversed(_CLASSES):
        bpy.utils.unregister_class(preset_class)

# SPDX-License-Identifier: GPL-3.0-or-later
"""Performances kept as Blender's own presets: how a character feels and moves, for the next shot."""

from __future__ import annotations

import bpy
from bl_operators.presets import AddPresetBase
from bl_ui.utils import PresetPanel

from ..inference.performance import EMOTIONS
from .properties import REGIONS

SETTINGS = (
    "emotion",
    "intensity",
    "person",
    *(f"weight_{emotion}" for emotion in EMOTIONS),
    "borrowed_strength",
    "smoothing",
    "closure",
    *(f"strength_{region}" for region in REGIONS),
    "blinks",
    "blink_rate",
    "gaze",
)
"""What a preset holds of Scene.emotalk: nothing that belongs to one shot alone, as strips, offset and seed do."""

_FOLDER = "emotalk/performance"


class EMOTALK_OT_performance_preset_add(AddPresetBase, bpy.types.Operator):
    """Keep this performance, and how it is animated, as a preset for other shots; or remove one"""

    bl_idname = "emotalk.performance_preset_add"
    bl_label = "Add Performance Preset"
    preset_menu = "EMOTALK_PT_performance_presets"
    preset_subdir = _FOLDER
    preset_defines = ["settings = bpy.context.scene.emotalk"]
    preset_values = [f"settings.{name}" for name in SETTINGS]


class EMOTALK_OT_performance_preset_load(bpy.types.Operator):
    """Perform as this preset says"""

    bl_idname = "emotalk.performance_preset_load"
    bl_label = "Load Performance Preset"
    bl_options = {"INTERNAL", "UNDO"}  # Blender's own operator leaves no undo step.

    filepath: bpy.props.StringProperty(
        name="File", description="The preset to load", subtype="FILE_PATH", options={"SKIP_SAVE"}
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Let Blender load it. Live follows once, when all is set, and not each setting by itself."""
        settings = context.scene.emotalk
        follows = settings.live
        settings.live = False
        try:
            menu = EMOTALK_PT_performance_presets.bl_idname
            return bpy.ops.script.execute_preset(filepath=self.filepath, menu_idname=menu)
        except RuntimeError:
            self.report({"ERROR"}, f'The preset "{self.filepath}" cannot be loaded. Remove it, and add it anew.')
            return {"CANCELLED"}
        finally:
            settings.live = follows


class EMOTALK_PT_performance_presets(PresetPanel, bpy.types.Panel):
    """Keep a performance for other shots, or take one from there."""

    bl_idname = "EMOTALK_PT_performance_presets"
    bl_label = "Performance Presets"
    bl_space_type = "VIEW_3D"
    bl_region_type = "HEADER"
    preset_subdir = _FOLDER
    preset_operator = EMOTALK_OT_performance_preset_load.bl_idname
    preset_add_operator = EMOTALK_OT_performance_preset_add.bl_idname

    def draw(self, context: bpy.types.Context) -> None:
        """As Blender does; but it says "* Missing Paths *" before the folder of a first preset is there."""
        if not bpy.utils.preset_paths(_FOLDER):
            bpy.utils.user_resource("SCRIPTS", path=f"presets/{_FOLDER}", create=True)
        PresetPanel.draw(self, context)


_CLASSES = (
    EMOTALK_OT_performance_preset_add,
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

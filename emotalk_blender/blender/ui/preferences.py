# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the extension: which network, on which device, with how many threads; and what bug reports need."""

from __future__ import annotations

import bpy

from ...errors import EmoTalkError
from ...inference.device import DEVICES
from ...inference.model_file import default_weights
from .. import logs
from ..addon_settings import DEVICE_LABELS, ROOT_PACKAGE, in_words, model_choice
from .wrapped_text import draw_sentence

# Numbers are what Blender keeps: never change one.
_DEVICE_ITEMS = [(name, *DEVICE_LABELS[name], number) for number, name in enumerate(DEVICES)]
_LOG_ITEMS = [(name, *label, number) for number, (name, label) in enumerate(logs.LEVELS.items())]

_HEADINGS = 0.4
"""Part of the width that Blender gives to the names of properties."""


class EMOTALK_AP_preferences(bpy.types.AddonPreferences):
    """Which network, on which device, with how many threads; and what bug reports need."""

    bl_idname = ROOT_PACKAGE

    model: bpy.props.StringProperty(
        name="Model File",
        description="An EmoTalk checkpoint (.safetensors). Leave empty for the one that comes with EmoTalk",
        subtype="FILE_PATH",
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="What computes the performance",
        items=_DEVICE_ITEMS,
    )
    threads: bpy.props.IntProperty(
        name="Threads",
        description="How many threads compute on the CPU. 0 is automatic: all cores, but for one that is left to "
        "Blender's window",
        min=0,
        max=1024,
    )
    log_level: bpy.props.EnumProperty(
        name="Log",
        description="What EmoTalk writes to the console",
        items=_LOG_ITEMS,
        default=logs.QUIET,
        update=lambda self, _context: logs.set_level(self.log_level),
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw model, devices, threads, log level and diagnostics."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.prop(self, "model", placeholder=default_weights().name)
        _draw_model(column, context)
        layout.separator()
        column = layout.column()
        column.prop(self, "device")
        _draw_devices(column, context, self.device)
        column.prop(self, "threads")
        layout.separator()
        layout.prop(self, "log_level")
        _beside(layout, "").operator(EMOTALK_OT_copy_diagnostics.bl_idname, icon="COPYDOWN")


class EMOTALK_OT_find_devices(bpy.types.Operator):
    """Look for devices that can compute the performance. This loads PyTorch, which takes some seconds"""

    bl_idname = "emotalk.find_devices"
    bl_label = "Find Devices"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        """Only where PyTorch is installed."""
        from ...inference.session import missing_packages

        missing = missing_packages()
        cls.poll_message_set(f"The Python packages {', '.join(missing)} are missing. Install the full EmoTalk zip.")
        return not missing

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Look for devices, with the waiting mouse pointer meanwhile."""
        from ...inference.found_devices import find_devices

        if context.window:
            context.window.cursor_set("WAIT")
        try:
            find_devices()
        finally:
            if context.window:
                context.window.cursor_set("DEFAULT")
        return {"FINISHED"}


class EMOTALK_OT_copy_diagnostics(bpy.types.Operator):
    """Copy versions, model, device and the last errors to the clipboard, for a bug report. Names no folders"""

    bl_idname = "emotalk.copy_diagnostics"
    bl_label = "Copy Diagnostics"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Copy the diagnostics."""
        from .diagnostics import diagnostics

        context.window_manager.clipboard = diagnostics()
        self.report({"INFO"}, "Diagnostics copied: paste them into the bug report")
        return {"FINISHED"}


def _draw_model(column: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw the license and the source of the model, or what is wrong with its file."""
    from ...inference.model_description import describe_model

    try:
        description = describe_model(model_choice() or default_weights())
    except EmoTalkError as error:
        draw_sentence(_beside(column, ""), context, str(error), "ERROR", 1 - _HEADINGS)
        return
    for heading, text in (("Licence", description.licence), ("Source", description.source)):
        draw_sentence(_beside(column, heading), context, text, "NONE", 1 - _HEADINGS)


def _draw_devices(column: bpy.types.UILayout, context: bpy.types.Context, chosen: str) -> None:
    """Draw the devices that were found, or the button that looks for them."""
    from ...inference.found_devices import known_devices

    found = known_devices()
    if found is None:
        _beside(column, "").operator(EMOTALK_OT_find_devices.bl_idname, icon="VIEWZOOM")
    elif chosen != "auto" and chosen not in found.labels:
        sentence = f"PyTorch finds no {DEVICE_LABELS[chosen][0]} here. Choose Automatic."
        draw_sentence(_beside(column, ""), context, sentence, "ERROR", 1 - _HEADINGS)
    else:
        draw_sentence(_beside(column, "Found"), context, in_words(found), "NONE", 1 - _HEADINGS)


def _beside(layout: bpy.types.UILayout, heading: str) -> bpy.types.UILayout:
    """A column that stands where the values of properties are, with a heading where their names are."""
    split = layout.split(factor=_HEADINGS)
    name = split.row()
    name.alignment = "RIGHT"
    name.label(text=heading)
    return split.column()


_CLASSES = (EMOTALK_OT_find_devices, EMOTALK_OT_copy_diagnostics, EMOTALK_AP_preferences)


def register() -> None:
    """Called when the extension is enabled."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    if addon:
        logs.set_level(addon.preferences.log_level)


def unregister() -> None:
    """Called when the extension is disabled."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)

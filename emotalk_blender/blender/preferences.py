# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the extension: which network, on which device."""

from pathlib import Path

import bpy

from ..inference.device import DEVICES

ROOT_PACKAGE = __package__.rpartition(".")[0]
"""The name under which Blender knows the extension."""

_DEVICE_ITEMS = {
    "auto": ("Automatic", "The fastest device that is there"),
    "cpu": ("CPU", "The processor; always there"),
    "cuda": ("CUDA", "An NVIDIA graphics card, or an AMD one with PyTorch for ROCm"),
    "mps": ("Metal", "The graphics of an Apple computer"),
    "xpu": ("XPU", "An Intel graphics card"),
}


class EMOTALK_AP_preferences(bpy.types.AddonPreferences):
    """Which network, on which device."""

    bl_idname = ROOT_PACKAGE

    model: bpy.props.StringProperty(
        name="Model File",
        description="An EmoTalk checkpoint (.safetensors). Leave empty for the one that comes with the extension",
        subtype="FILE_PATH",
    )
    device: bpy.props.EnumProperty(
        name="Device",
        description="What computes the performance",
        items=[(name, *_DEVICE_ITEMS[name]) for name in DEVICES],
    )

    def draw(self, _context: bpy.types.Context) -> None:
        """Show both in the preferences editor."""
        self.layout.use_property_split = True
        self.layout.prop(self, "model")
        self.layout.prop(self, "device")


def model_choice() -> Path | None:
    """The artist's own checkpoint, or None for the default weights."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return Path(bpy.path.abspath(addon.preferences.model)) if addon and addon.preferences.model else None


def device_choice() -> str:
    """One of DEVICES; auto where the extension is only registered by a script."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return addon.preferences.device if addon else "auto"


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_AP_preferences)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_AP_preferences)

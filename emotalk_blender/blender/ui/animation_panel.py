# SPDX-License-Identifier: GPL-3.0-or-later
"""The Animation sub-panel: what is done to the performance before it becomes keys."""

from __future__ import annotations

import bpy

from ...animation.settings import RegionStrengths
from ...settings import settings_of
from .panels import CATEGORY, EMOTALK_PT_main


class EMOTALK_PT_animation(bpy.types.Panel):
    """Timing, lips, strength by region, blinks and gaze."""

    bl_idname = "EMOTALK_PT_animation"
    bl_parent_id = EMOTALK_PT_main.bl_idname
    bl_label = "Animation"
    bl_category = CATEGORY
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 1

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the sliders in groups; full width, since labels beside them would be cut in a narrow sidebar."""
        settings = context.scene.emotalk
        timing = self.layout.column(align=True)
        timing.prop(settings, "smoothing", text="Smoothing (ms)", slider=True)
        timing.prop(settings, "offset", text="Offset (ms)", slider=True)
        self.layout.prop(settings, "closure", slider=True)

        regions = self.layout.column(align=True)
        regions.label(text="Strength")
        for region in settings_of(RegionStrengths):
            regions.prop(settings, f"strength_{region}", slider=True)

        eyes = self.layout.column()
        eyes.prop(settings, "blinks")
        rate = eyes.row()
        rate.active = settings.blinks
        rate.prop(settings, "blink_rate", text="Per Minute")
        eyes.prop(settings, "gaze", slider=True)
        seed = eyes.row()
        seed.active = settings.blinks or settings.gaze > 0
        seed.prop(settings, "seed")


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PT_animation)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_PT_animation)

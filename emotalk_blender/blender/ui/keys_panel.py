# SPDX-License-Identifier: GPL-3.0-or-later
"""The Keys sub-panel: how many keys there are, what becomes of the artist's own, and takes."""

from __future__ import annotations

import bpy

from .bake_operators import EMOTALK_OT_new_take
from .panels import CATEGORY, EMOTALK_PT_main


class EMOTALK_PT_keys(bpy.types.Panel):
    """Tolerance, the artist's edits, takes."""

    bl_idname = "EMOTALK_PT_keys"
    bl_parent_id = EMOTALK_PT_main.bl_idname
    bl_label = "Keys"
    bl_category = CATEGORY
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_options = {"DEFAULT_CLOSED"}
    bl_order = 2

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it from what every bake uses to what a new take needs."""
        settings = context.scene.emotalk
        self.layout.prop(settings, "tolerance", slider=True)
        self.layout.column(align=True).prop(settings, "edits", expand=True)
        self.layout.operator(EMOTALK_OT_new_take.bl_idname, icon="DUPLICATE")


def register() -> None:
    """Called when the extension is enabled."""
    bpy.utils.register_class(EMOTALK_PT_keys)


def unregister() -> None:
    """Called when the extension is disabled."""
    bpy.utils.unregister_class(EMOTALK_PT_keys)

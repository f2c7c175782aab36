# SPDX-License-Identifier: GPL-3.0-or-later
"""Redrawing the sidebars, where the panel is, when Blender itself would not."""

from __future__ import annotations

import bpy


def redraw_sidebars() -> None:
    """Redraw the sidebars of all 3D Views, and not the views themselves, which may be slow to draw."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if area.type == "VIEW_3D" and region.type == "UI":
                    region.tag_redraw()

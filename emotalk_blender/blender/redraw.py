# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebars where the panel is: drawn anew where Blender itself would not."""

from __future__ import annotations

import bpy


def redraw_sidebars() -> None:
    """Only the sidebars; the 3D views beside them may be slow to draw."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            for region in area.regions:
                if area.type == "VIEW_3D" and region.type == "UI":
                    region.tag_redraw()

# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentences in a sidebar of any width: Blender's labels do not wrap by themselves."""

from __future__ import annotations

import blf
import bpy

_UI_FONT = 0

_AROUND_TEXT = 92
"""Pixels of the sidebar that icon, margins and tabs take, at a scale of 1."""


def draw_sentence(
    layout: bpy.types.UILayout, context: bpy.types.Context, sentence: str, icon: str, part: float = 1.0
) -> None:
    """A sentence in as many labels as it needs, with an icon before the first; "NONE" is no icon.

    part: of the region's width that the layout has.
    """
    lines = layout.column(align=True)
    for index, line in enumerate(wrapped(sentence, context, part)):
        lines.label(text=line, icon="BLANK1" if index > 0 and icon != "NONE" else icon)


def wrapped(sentence: str, context: bpy.types.Context, part: float = 1.0) -> list[str]:
    """The sentence in lines that fit the region, or a part of its width, beside an icon.

    A word that is wider has a line for itself.
    """
    scale = context.preferences.system.ui_scale
    blf.size(_UI_FONT, context.preferences.ui_styles[0].widget.points * scale)
    room = context.region.width * part - _AROUND_TEXT * scale
    lines: list[str] = []
    for word in sentence.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and blf.dimensions(_UI_FONT, longer)[0] <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines

# SPDX-License-Identifier: GPL-3.0-or-later
"""Every difference between the supported Blenders, 4.5 LTS to 5.2 LTS, and nothing else."""

from __future__ import annotations

import bpy


def sequencer_scene(context: bpy.types.Context) -> bpy.types.Scene:
    """The scene whose strips the sequencer edits; from 5.0 that may be another one than the window's."""
    return getattr(context, "sequencer_scene", None) or context.scene


def left_handle(strip: bpy.types.Strip) -> int:
    """First frame of a strip; frame_final_start is deprecated from 5.1."""
    return strip.left_handle if hasattr(strip, "left_handle") else strip.frame_final_start


def right_handle(strip: bpy.types.Strip) -> int:
    """First frame after a strip; frame_final_end is deprecated from 5.1."""
    return strip.right_handle if hasattr(strip, "right_handle") else strip.frame_final_end


def content_start(strip: bpy.types.Strip) -> float:
    """The frame at which the untrimmed content begins; frame_start is deprecated from 5.1."""
    return strip.content_start if hasattr(strip, "content_start") else strip.frame_start


def trimmed_before_content(strip: bpy.types.Strip) -> int:
    """Frames cut off the file before the content begins; animation_offset_start is deprecated from 5.1."""
    if hasattr(strip, "content_trim_start"):
        return strip.content_trim_start
    return strip.animation_offset_start

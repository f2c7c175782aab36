# SPDX-License-Identifier: GPL-3.0-or-later
"""Live: every change of the performance shows on the face at once."""

from __future__ import annotations

import bpy


def settings_changed(context: bpy.types.Context) -> None:
    """Called for every change of a setting that Live follows."""

# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that touches bpy.

Blender imports what is registered here at each of its starts, and waits for it. So these modules import only one
another and other light ones while they are imported; what is behind a button or a panel, NumPy above all, is imported
inside functions.
"""

import sys
from types import ModuleType


def register() -> None:
    """Make the panels, the operators, the settings and the command known to Blender."""
    for module in _modules():
        module.register()


def unregister() -> None:
    """Take all of it back, and stop what runs."""
    for module in reversed(_modules()):
        module.unregister()
    kept_network = sys.modules.get(f"{__package__.rpartition('.')[0]}.inference.kept_network")
    if kept_network is not None:  # Nothing was generated: then it is not imported for that, as Blender quits.
        kept_network.shared_network().forget()


def _modules() -> list[ModuleType]:
    """All that is registered, in this order: operators before the panels that show them, panels from top to bottom."""
    from . import logs
    from .bake import bake_status
    from .generate import jobs, release_gpu
    from .ui import (
        animation_panel,
        bake_operators,
        commands,
        face_panel,
        face_rows,
        key_mood,
        keys_panel,
        operators,
        panels,
        performance_presets,
        preferences,
        properties,
        settings_version,
    )

    settings: list[ModuleType] = [logs, preferences, properties, settings_version, face_rows]
    buttons = [operators, key_mood, bake_operators, performance_presets]
    shown = [panels, face_panel, animation_panel, keys_panel]
    return [*settings, *buttons, *shown, bake_status, jobs, release_gpu, commands]

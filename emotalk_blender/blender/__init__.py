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
    worker = sys.modules.get(f"{__name__}.worker")
    if worker is not None:  # Nothing was generated: then it is not imported for that, as Blender quits.
        worker.forget_session()


def _modules() -> list[ModuleType]:
    """All that is registered, in this order: operators before the panels that show them, panels from top to bottom."""
    from . import (
        animation_panel,
        bake_status,
        commands,
        face_panel,
        face_rows,
        jobs,
        key_mood,
        keys_panel,
        logs,
        operators,
        panels,
        performance_presets,
        preferences,
        properties,
        resting,
        settings_version,
        take_operators,
    )

    settings: list[ModuleType] = [logs, preferences, properties, settings_version, face_rows]
    buttons = [operators, key_mood, take_operators, performance_presets]
    return [*settings, *buttons, panels, face_panel, animation_panel, keys_panel, bake_status, jobs, resting, commands]

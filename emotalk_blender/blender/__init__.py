# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that touches bpy."""

from types import ModuleType


def register() -> None:
    """Make the panels, the operators, the settings and the command known to Blender."""
    for module in _modules():
        module.register()


def unregister() -> None:
    """Take all of it back, and stop what runs."""
    from . import worker

    for module in reversed(_modules()):
        module.unregister()
    worker.forget_session()


def _modules() -> list[ModuleType]:
    """All that is registered, in this order: operators before the panels that show them, panels from top to bottom."""
    from . import (
        animation_panel,
        bake_status,
        commands,
        diagnostics,
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
        settings_version,
        take_operators,
    )

    settings: list[ModuleType] = [logs, preferences, properties, settings_version, face_rows]
    buttons = [operators, key_mood, take_operators, performance_presets, diagnostics]
    return [*settings, *buttons, panels, face_panel, animation_panel, keys_panel, bake_status, jobs, commands]

# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that touches bpy."""


def register() -> None:
    """Make the panel, the operators, the settings and the command known to Blender."""
    from . import commands, jobs, operators, panels, preferences, properties

    for module in (preferences, properties, operators, panels, jobs, commands):
        module.register()


def unregister() -> None:
    """Take all of it back, and stop what runs."""
    from . import commands, jobs, operators, panels, preferences, properties, worker

    for module in (commands, jobs, panels, operators, properties, preferences):
        module.unregister()
    worker.forget_session()

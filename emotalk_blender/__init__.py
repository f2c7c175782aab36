# SPDX-License-Identifier: GPL-3.0-or-later
"""EmoTalk: speech to facial animation, as a Blender extension and as a Python package."""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from . import blender

    blender.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled, and when Blender quits."""
    from . import blender

    blender.unregister()

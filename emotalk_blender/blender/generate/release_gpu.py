# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the graphics card its memory back some time after the last performance; the viewport and renders need it."""

from __future__ import annotations

import bpy

AFTER = 300.0
"""Seconds after the last performance."""


def begin_to_wait() -> None:
    """Start the wait anew, if there is a network on a graphics card."""
    from ...inference.kept_network import shared_network

    _stop_waiting()
    if shared_network().is_on_gpu():
        bpy.app.timers.register(_rest, first_interval=AFTER, persistent=True)


def unregister() -> None:
    """Leave no timer behind."""
    _stop_waiting()


def register() -> None:
    """Nothing is there to wait for yet."""


def _stop_waiting() -> None:
    if bpy.app.timers.is_registered(_rest):
        bpy.app.timers.unregister(_rest)


def _rest() -> float | None:
    from ...inference.kept_network import shared_network

    return None if shared_network().rest() else AFTER

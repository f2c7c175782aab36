# SPDX-License-Identifier: GPL-3.0-or-later
"""What the preferences say: which network, on which device, with how many threads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import bpy

if TYPE_CHECKING:
    from ..inference.found_devices import FoundDevices

ROOT_PACKAGE = __package__.rpartition(".")[0]
"""The name under which Blender knows the extension."""

ALL_CORES, ALL_BUT_ONE = 0, -1
"""Numbers of threads as inference/threads.py takes them."""

DEVICE_LABELS = {
    "auto": ("Automatic", "The fastest device that is there"),
    "cpu": ("CPU", "The processor; always there"),
    "cuda": ("CUDA", "An NVIDIA graphics card, or an AMD one with PyTorch for ROCm"),
    "mps": ("Metal", "The graphics of an Apple computer"),
    "xpu": ("XPU", "An Intel graphics card"),
}


def model_choice() -> Path | None:
    """The artist's own checkpoint, or None for the default weights."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return Path(bpy.path.abspath(addon.preferences.model)) if addon and addon.preferences.model else None


def device_choice() -> str:
    """One of DEVICES; auto where the extension is only registered by a script."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    return addon.preferences.device if addon else "auto"


def thread_choice() -> int:
    """How many threads to compute with, as inference/threads.py has it."""
    addon = bpy.context.preferences.addons.get(ROOT_PACKAGE)
    automatic = ALL_CORES if bpy.app.background else ALL_BUT_ONE
    return (addon.preferences.threads or automatic) if addon else automatic


def in_words(found: FoundDevices) -> str:
    """All devices that were found, and which of them Automatic takes."""
    named = [DEVICE_LABELS[name][0] + (f" ({label})" if label else "") for name, label in found.labels.items()]
    return f"{', '.join(named)}. Automatic takes {DEVICE_LABELS[found.automatic][0]}."

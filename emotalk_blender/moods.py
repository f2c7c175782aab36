# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist can choose as the mood of a performance. Names alone: Blender needs them as it starts."""

from __future__ import annotations

EMOTIONS: tuple[str, ...] = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The emotions an artist can set, in the order of the interface."""

FROM_VOICE = "voice"
"""The choice that leaves the emotion as the network hears it."""

MIX = "mix"
"""The choice that takes a weight for each emotion."""

FROM_STRIP = "strip"
"""The choice that borrows the emotion of another recording."""

MAX_INTENSITY = 1.5

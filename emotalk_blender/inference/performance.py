# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist asks of the performance, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

EMOTIONS: tuple[str, ...] = ("neutral", "happy", "sad", "angry", "fear", "disgust", "surprise")
"""The emotions an artist can set, in the order of the interface."""

FROM_VOICE = "voice"
"""The choice that leaves the emotion as the network hears it."""

MIX = "mix"
"""The choice that takes a weight for each emotion."""

FROM_STRIP = "strip"
"""The choice that borrows the emotion of another recording."""

MAX_INTENSITY = 1.5

Report = Callable[[str, float], None]
"""Progress: called with what is being done and the part done (0 to 1); may raise Cancelled to stop the work."""


@dataclass(frozen=True)
class Performance:
    """The choices of the panel.

    emotion: FROM_VOICE or one of EMOTIONS.
    intensity: 0 (neutral) to 1 (the network's strong level), up to MAX_INTENSITY.
    person: speaking style, 0 to the checkpoint's number of persons - 1.
    """

    emotion: str = FROM_VOICE
    intensity: float = 1.0
    person: int = 0

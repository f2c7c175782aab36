# SPDX-License-Identifier: GPL-3.0-or-later
"""The performance that an artist asks for, as plain data. Blender needs it as it starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..moods import EMOTIONS, FROM_STRIP, FROM_VOICE, MAX_INTENSITY, MIX, MOODS
from ..settings import Setting, setting

if TYPE_CHECKING:
    from .over_time import OverTime

__all__ = ["EMOTIONS", "EMOTION_WEIGHTS", "FROM_STRIP", "FROM_VOICE", "MAX_INTENSITY", "MIX", "Performance"]

EMOTION_WEIGHTS = {
    emotion: Setting(emotion.capitalize(), f"How {MOODS[emotion]} the face is", 0.0, 0.0, 1.0) for emotion in EMOTIONS
}
"""Emotion -> the setting of its weight in a mix."""


@dataclass(frozen=True)
class Performance:
    """A performance: its emotion, and how it is given.

    emotion: FROM_VOICE, one of EMOTIONS, MIX or FROM_STRIP.
    intensity: 0 (neutral) to 1 (the network's strong level), up to MAX_INTENSITY; may change over time.
    person: speaking style, 0 to the checkpoint's number of persons - 1.
    weights: of EMOTIONS in their order, 0 or above, [samples, 7], for MIX alone. What is missing to a sum of 1 stays
        From Voice, more than 1 is scaled down to 1.
    borrowed: how much of the other recording's mood is taken, 0 to 1, for FROM_STRIP alone.

    What changes over time is eased: see mood_easing.py.
    """

    emotion: str = FROM_VOICE
    intensity: float | OverTime = setting(
        "Intensity",
        "How strong the emotion is: 0 is calm, 1 is as strong as the network has learned",
        1.0,
        0.0,
        MAX_INTENSITY,
    )
    person: int = setting(
        "Person",
        "Whose way of speaking to take: one of the people that the network learned from, counted from 0",
        0,
        0,
        999,
    )
    weights: OverTime | None = None
    borrowed: float = setting("Strength", "How much of the mood to borrow: 0 is this strip's own", 1.0, 0.0, 1.0)

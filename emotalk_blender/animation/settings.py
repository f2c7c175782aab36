# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist can choose of the steps between the network's output and the keys. Blender needs it as it starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..settings import setting


def _strength(label: str, parts: str) -> Any:
    return setting(label, f"Movement of {parts}: 0 is still, 1 as performed, 2 twice as much", 1.0, 0.0, 2.0)


@dataclass(frozen=True)
class RegionStrengths:
    """How much each part of the face moves: 0 still, 1 as performed, 2 twice as much."""

    mouth: float = _strength("Mouth", "the lips")
    jaw: float = _strength("Jaw", "the jaw")
    brows: float = _strength("Brows", "the brows")
    eyes: float = _strength("Eyes", "eyes and lids, but for blinks")
    cheeks_nose: float = _strength("Cheeks and Nose", "cheeks and nose")
    tongue: float = _strength("Tongue", "the tongue")


@dataclass(frozen=True)
class AnimationSettings:
    """What to do with the network's curves.

    smoothing: milliseconds over which they are smoothed; 0 leaves them as they are.
    offset: milliseconds by which the face comes later than the sound.
    closure: how firmly the lips shut where they come close, 0 to 1; 0 leaves them as they are.
    strengths: how much each part of the face moves.
    blink_rate: blinks a minute; 0 adds none.
    gaze: how far the eyes wander in small saccades, 0 to 1; 0 keeps them still.
    seed: decides when the eyes blink and where they wander.
    """

    smoothing: float = setting(
        "Smoothing", "Milliseconds over which the curves are smoothed. Closed lips stay closed", 80.0, 0.0, 500.0
    )
    offset: float = setting(
        "Offset", "Milliseconds by which the face comes later than the sound, or earlier if below 0", 0.0, -500.0, 500.0
    )
    closure: float = setting(
        "Lip Closure", "How firmly the lips shut on P, B and M where they come close", 0.0, 0.0, 1.0
    )
    strengths: RegionStrengths = field(default_factory=RegionStrengths)
    blink_rate: float = setting(
        "Rate", "Blinks a minute. People blink about 15 times while they speak", 15.0, 0.0, 60.0
    )
    gaze: float = setting(
        "Gaze", "How far the eyes wander in small, quick movements. 0 keeps them still", 0.0, 0.0, 1.0
    )
    seed: int = setting(
        "Seed", "Another number gives other blinks and eye movements, the same number the same", 0, 0, 2**31 - 1
    )

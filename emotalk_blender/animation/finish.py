# SPDX-License-Identifier: GPL-3.0-or-later
"""All steps between the network's output and the keys."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..curves import Curves
from .blinks import add_blinks
from .lips import limit_mouth_close
from .regions import RegionStrengths
from .smoothing import smooth


@dataclass(frozen=True)
class AnimationSettings:
    """What to do with the network's curves.

    smoothing: milliseconds over which they are smoothed, 0 to 500; 0 leaves them as they are.
    offset: milliseconds by which the face comes later than the sound, -500 to 500.
    closure: how firmly the lips shut where they come close, 0 to 1; 0 leaves them as they are.
    strengths: how much each part of the face moves.
    blink_rate: blinks a minute; 0 adds none.
    gaze: how far the eyes wander in small saccades, 0 to 1; 0 keeps them still.
    seed: decides when the eyes blink and where they wander.
    """

    smoothing: float = 80.0
    offset: float = 0.0
    closure: float = 0.0
    strengths: RegionStrengths = field(default_factory=RegionStrengths)
    blink_rate: float = 15.0
    gaze: float = 0.0
    seed: int = 0


def finish(curves: Curves, settings: AnimationSettings) -> Curves:
    """The network's curves smoothed, with lips that stay apart or meet, with blinks; every weight within [0, 1].

    Rate and length stay.
    """
    if settings.smoothing:
        curves = smooth(curves)
    curves = limit_mouth_close(curves)
    if settings.blink_rate:
        curves = add_blinks(curves, settings.seed)
    return Curves(np.clip(curves.values, 0, 1), curves.fps, curves.start)

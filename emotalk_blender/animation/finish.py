# SPDX-License-Identifier: GPL-3.0-or-later
"""All steps between the network's output and the keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..curves import Curves
from .blinks import add_blinks
from .lips import limit_mouth_close
from .smoothing import smooth


@dataclass(frozen=True)
class AnimationSettings:
    """What to do with the network's curves; `seed` decides when the eyes blink."""

    smooth: bool = True
    blinks: bool = True
    seed: int = 0


def finish(curves: Curves, settings: AnimationSettings) -> Curves:
    """The network's curves smoothed, with lips that stay apart or meet, with blinks; every weight within [0, 1].

    Rate and length stay.
    """
    if settings.smooth:
        curves = smooth(curves)
    curves = limit_mouth_close(curves)
    if settings.blinks:
        curves = add_blinks(curves, settings.seed)
    return Curves(np.clip(curves.values, 0, 1), curves.fps, curves.start)

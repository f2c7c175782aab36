# SPDX-License-Identifier: GPL-3.0-or-later
"""All steps between the network's output and the keys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..curves import Curves
from .blinks import TimeRange, add_blinks
from .closing import emphasise_closures
from .gaze import add_gaze, shifts
from .lips import keep_closed, limit_mouth_close
from .regions import scale_regions
from .settings import AnimationSettings
from .smoothing import smooth


def finish(curves: Curves, settings: AnimationSettings, keep_open: Sequence[TimeRange] = ()) -> Curves:
    """The network's curves smoothed, each region as strong as asked, lips that meet, with blinks and gaze, in time.

    keep_open: stretches in seconds of the sound in which no blink is added, such as those of an artist's own blinks.
    Every weight is within [0, 1]; rate and length stay.
    """
    performed = limit_mouth_close(_within_limits(curves))
    smoothed = limit_mouth_close(_within_limits(smooth(curves, settings.smoothing)))
    curves = keep_closed(performed, smoothed)
    curves = emphasise_closures(curves, settings.closure)
    curves = scale_regions(curves, settings.strengths)
    curves = Curves(curves.values, curves.fps, curves.start + settings.offset / 1000)
    looks = shifts(curves.frames / curves.fps, settings.seed) if settings.gaze > 0 else []
    curves = add_blinks(curves, settings.blink_rate, settings.seed, keep_open, looks)
    curves = add_gaze(curves, settings.gaze, settings.seed)
    return _within_limits(curves)


def _within_limits(curves: Curves) -> Curves:
    return Curves(np.clip(curves.values, 0, 1), curves.fps, curves.start)

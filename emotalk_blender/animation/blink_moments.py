# SPDX-License-Identifier: GPL-3.0-or-later
"""Where people blink: at the end of a phrase, in a pause, and with a shift of the gaze.

Speakers blink mostly at pauses and phrase ends (Nakano and Kitazawa 2010, "Eyeblink entrainment at breakpoints of
speech"), and large shifts of gaze come with a blink (Evinger et al. 1994, "Not looking while leaping").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..curves import Curves, DoubleArray, lip_opening
from .lips import CLOSED

SHORTEST_REST = 0.25
"""Seconds for which the lips stay together in a pause; shorter, it is a P, B or M."""
LONG_REST = 1.2
"""Seconds of a pause from which on its end, before the next phrase, is a moment as well."""
BEFORE_SPEECH = 0.35
"""Seconds by which that moment comes before the next words."""
NEAR = 1.0
"""Seconds over which a blink is drawn to a moment."""


def blink_moments(curves: Curves, shifts: Sequence[float] = ()) -> DoubleArray:
    """Seconds from the first frame at which a blink would be natural, rising.

    shifts: when the gaze shifts, in the same seconds. A face that never speaks has no other moments.
    """
    resting = lip_opening(curves.values) < CLOSED
    edges = np.flatnonzero(np.diff(np.r_[False, resting, False])).reshape(-1, 2) / curves.fps
    end = curves.frames / curves.fps
    moments = list(shifts)
    for start, stop in edges:
        if stop - start < SHORTEST_REST:
            continue
        if start > 0:
            moments.append(float(start))
        if stop < end and stop - start > LONG_REST:
            moments.append(float(stop) - BEFORE_SPEECH)
    return np.array(sorted(moments), dtype=np.float64)


def drawn_to(moments: DoubleArray, times: DoubleArray, apart: float) -> DoubleArray:
    """Times, rising, each at its nearest moment where one is NEAR and free.

    A time stays where it is rather than come closer than `apart` seconds to another.
    """
    drawn = times.copy()
    for place, time in enumerate(times):
        before = drawn[place - 1] if place else -np.inf
        after = times[place + 1] if place + 1 < len(times) else np.inf
        free = moments[(moments >= before + apart) & (moments <= after - apart) & (np.abs(moments - time) <= NEAR)]
        if len(free):
            drawn[place] = free[np.abs(free - time).argmin()]
    return drawn

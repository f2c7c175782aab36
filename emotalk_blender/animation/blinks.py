# SPDX-License-Identifier: GPL-3.0-or-later
"""Blinks, which are added because speech does not say when they come, only where they are natural."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..curves import CHANNEL, BoolArray, Curves, DoubleArray
from .blink_moments import blink_moments, drawn_to

CLOSING, CLOSED, OPENING = 0.08, 0.04, 0.16
"""Seconds that the lids take to close, stay closed and open again: they close about twice as fast as they open."""

LENGTH = CLOSING + CLOSED + OPENING

SHORTEST_PAUSE = 1.5
"""Seconds at least between the beginnings of two blinks; 0.4 of the mean pause where they come more often."""

BLINK_SHUTS, BLINK_BEGINS = 0.5, 0.1
"""How far the lids close, at least, in a blink that the curves have already; and where such a blink begins and ends."""

_RAREST = 0.01
"""Blinks a minute, under which there are as good as none."""

APART = 0.3
"""Seconds that are left between a blink that is there already and one that is added."""

_LIDS = [CHANNEL["eyeBlinkLeft"], CHANNEL["eyeBlinkRight"]]
_WIDE = [CHANNEL["eyeWideLeft"], CHANNEL["eyeWideRight"]]

TimeRange = tuple[float, float]
"""Start and end in seconds."""


def blink_times(duration: float, rate: float, seed: int) -> DoubleArray:
    """Times (seconds) at which blinks begin in `duration` seconds; the same seed gives the same times.

    rate: blinks a minute on average, above 0; people blink about 15 times a minute while they speak.
    """
    random = np.random.default_rng(seed)
    mean = 60 / max(rate, _RAREST)
    shortest = max(min(SHORTEST_PAUSE, 0.4 * mean), LENGTH)
    times = []
    time = random.uniform(0.5, max(mean, 0.5))
    while time + LENGTH < duration:
        times.append(time)
        time += shortest + random.exponential(max(mean - shortest, 0))
    return np.array(times, dtype=np.float64)


def blink_shape(since: DoubleArray) -> DoubleArray:
    """How closed the lids are, 0 to 1, at times (seconds) since a blink began; 0 outside of it."""
    closing = np.clip(since / CLOSING, 0, 1)
    opening = np.clip((since - CLOSING - CLOSED) / OPENING, 0, 1)
    return _ease(closing) * (1 - _ease(opening))


def add_blinks(
    curves: Curves,
    rate: float,
    seed: int,
    keep_open: Sequence[TimeRange] = (),
    shifts: Sequence[float] = (),
) -> Curves:
    """The curves with natural blinks, which start and end with open eyes.

    Blinks that the curves have stay, and no other is added on top of them; between blinks the lids are
    set to open. eyeWide goes to 0 during an added blink, because it would leave the eyes ajar.
    rate: added blinks a minute; 0 adds none. keep_open: where none is added, in seconds of the curves' times.
    shifts: when the gaze shifts, in seconds from the first frame. Blinks are drawn there, to pauses and to the ends of
    phrases.
    """
    values = curves.values.copy()
    there = own_blinks(curves)
    values[~there[:, None] & np.isin(np.arange(values.shape[1]), _LIDS)] = 0
    if rate > 0:
        times = curves.times() - curves.start
        busy = [*_spans(there, times, 1 / curves.fps), *((a - curves.start, b - curves.start) for a, b in keep_open)]
        closed = np.zeros(curves.frames)
        length = curves.frames / curves.fps
        moments = blink_moments(curves, shifts)
        moments = moments[(moments > 0) & (moments + LENGTH < length)]
        drawn = drawn_to(moments, blink_times(length, rate, seed), APART + LENGTH)
        for begin in drawn:
            if all(begin + LENGTH + APART <= start or begin >= end + APART for start, end in busy):
                closed = np.maximum(closed, blink_shape(times - begin))
        values[:, _LIDS] = np.maximum(values[:, _LIDS], closed[:, None])
        values[:, _WIDE] *= (1 - closed).astype(np.float32)[:, None]
    return Curves(values, curves.fps, curves.start)


def own_blinks(curves: Curves) -> BoolArray:
    """The frames on which the curves blink by themselves, as captured faces do: bool [frames]."""
    lids = curves.values[:, _LIDS].max(axis=1)
    edges = np.flatnonzero(np.diff(np.r_[False, lids > BLINK_BEGINS, False]))
    found = np.zeros(curves.frames, bool)
    for first, after in edges.reshape(-1, 2):
        found[first:after] = lids[first:after].max() > BLINK_SHUTS
    return found


def _spans(there: BoolArray, times: DoubleArray, frame: float) -> list[TimeRange]:
    edges = np.flatnonzero(np.diff(np.r_[False, there, False])).reshape(-1, 2)
    return [(times[first], times[after - 1] + frame) for first, after in edges]


def _ease(x: DoubleArray) -> DoubleArray:
    """Smoothstep: 0 to 1 with level ends."""
    return x * x * (3 - 2 * x)

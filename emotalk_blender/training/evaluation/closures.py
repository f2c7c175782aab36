# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether lips close where they should, and only there: by the phones, or as the actor did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...curves import FPS, BoolArray, FloatArray
from ..rules.phones import BILABIALS, OPEN_VOWELS, Phone
from .baselines import by_chance

CLOSED_PART = 0.30
"""Lips count as closed below that part of the opening's range (its 95th percentile)."""
OPEN_PART = 0.50
"""An actor's mouth counts as open above that part of its range."""
CLOSURE_REACH = 0.05
"""Seconds around a closure within which the lips may close."""
SHORTEST_VOWEL = 0.06
LONGEST_CLOSURE = 0.35
"""Seconds; an actor's mouth that is shut for longer rests."""
OPEN_WITHIN = 0.20
"""Seconds before and after an actor's closure within which the mouth is open."""


@dataclass(frozen=True)
class TimeRange:
    """From one moment to another, in seconds."""

    start: float
    end: float


@dataclass(frozen=True)
class Closures:
    """Parts, 0 to 1: of closures that close; by chance (the same curve moved in time); of openings that stay shut.

    count: how many closures there were.
    """

    closed: float
    chance: float
    false: float
    count: int


def closures(found: FloatArray, phones: Sequence[Phone]) -> Closures:
    """How often an opening [frames] closes on P, B and M, and stays shut on open vowels."""
    bilabials = [TimeRange(phone.start, phone.end) for phone in phones if phone.name in BILABIALS]
    vowels = [
        TimeRange(phone.start, phone.end)
        for phone in phones
        if phone.name in OPEN_VOWELS and phone.end - phone.start >= SHORTEST_VOWEL
    ]
    return _closures(found, bilabials, vowels)


def actor_closures(found: FloatArray, true: FloatArray) -> Closures:
    """How often an opening [frames] closes where the actor's (`true`) does between two openings, and stays shut where
    the actor's mouth is open.
    """
    widest = float(np.percentile(true, 95))
    is_open = true > OPEN_PART * widest
    near = int(OPEN_WITHIN * FPS)
    shut = [
        run
        for run in _runs(true < CLOSED_PART * widest)
        if run.stop - run.start <= LONGEST_CLOSURE * FPS
        and is_open[max(0, run.start - near) : run.start].any()
        and is_open[run.stop : run.stop + near].any()
    ]
    opened = [run for run in _runs(is_open) if run.stop - run.start >= SHORTEST_VOWEL * FPS]
    return _closures(found, [_time_range(run) for run in shut], [_time_range(run) for run in opened])


def sum_closures(rows: Sequence[Closures]) -> Closures:
    """The closures of several takes together, each counted as often as it has closures."""
    counts = [row.count for row in rows]
    weights = np.array(counts, np.float64) / max(sum(counts), 1)
    return Closures(
        float(weights @ np.array([row.closed for row in rows])),
        float(weights @ np.array([row.chance for row in rows])),
        float(weights @ np.array([row.false for row in rows])),
        sum(counts),
    )


def _closures(found: FloatArray, shut: Sequence[TimeRange], opened: Sequence[TimeRange]) -> Closures:
    limit = CLOSED_PART * float(np.percentile(found, 95))
    chance = [_part_closed(curve, shut, limit) for curve in by_chance(found)]
    return Closures(
        _part_closed(found, shut, limit), float(np.mean(chance)), _part_shut(found, opened, limit), len(shut)
    )


def _part_closed(found: FloatArray, spans: Sequence[TimeRange], limit: float) -> float:
    """Part of the spans around which the opening falls below the limit."""
    hits = [found[_frames(span, CLOSURE_REACH, len(found))].min(initial=np.inf) < limit for span in spans]
    return float(np.mean(hits)) if hits else 0.0


def _part_shut(found: FloatArray, spans: Sequence[TimeRange], limit: float) -> float:
    """Part of the spans within which the opening never rises above the limit."""
    hits = [found[_frames(span, 0.0, len(found))].max(initial=0.0) < limit for span in spans]
    return float(np.mean(hits)) if hits else 0.0


def _frames(span: TimeRange, reach: float, frames: int) -> slice:
    """The frames of a span and `reach` seconds around it, at least one."""
    first = max(0, int(np.ceil((span.start - reach) * FPS - 1e-6)))
    last = max(first + 1, int(np.floor((span.end + reach) * FPS + 1e-6)) + 1)
    return slice(first, min(last, frames))


def _runs(mask: BoolArray) -> list[slice]:
    """The unbroken runs of a mask [frames]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [slice(int(first), int(last)) for first, last in edges.reshape(-1, 2)]


def _time_range(run: slice) -> TimeRange:
    """The time from the first to the last frame of a run."""
    return TimeRange(run.start / FPS, (run.stop - 1) / FPS)

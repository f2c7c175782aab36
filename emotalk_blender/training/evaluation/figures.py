# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a curve follows the true one, and how much it trembles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...curves import FPS, BoolArray, FloatArray
from .baselines import by_chance

MOST_LAG = 6
"""Frames up to which a curve may come late or early."""
TREMBLING = 8.0
"""Hz above which nothing in a speaking face moves on purpose."""


@dataclass(frozen=True)
class Follows:
    """How well a curve follows the true one.

    all_frames, speech_frames: correlation; lag: frames by which it comes late where it fits best; best: that fit.
    """

    all_frames: float
    speech_frames: float
    lag: int
    best: float


@dataclass(frozen=True)
class Chance:
    """The correlations of a curve that was moved in time, averaged over the shifts."""

    all_frames: float
    speech_frames: float


@dataclass(frozen=True)
class CurveFigures:
    """One curve of a take: how network, loudness and chance follow it, and its range.

    found_95, true_95: 95th percentile of the network's curve and of the true one.
    """

    network: Follows
    loudness: Follows
    chance: Chance
    found_95: float
    true_95: float


def judge_curve(found: FloatArray, true: FloatArray, loud: FloatArray, speaking: BoolArray) -> CurveFigures:
    """The figures of one curve; all [frames]."""
    moved = [(correlation(curve, true), correlation(curve[speaking], true[speaking])) for curve in by_chance(found)]
    return CurveFigures(
        follows(found, true, speaking),
        follows(loud, true, speaking),
        Chance(*(float(value) for value in np.mean(moved, axis=0))),
        float(np.percentile(found, 95)),
        float(np.percentile(true, 95)),
    )


def follows(found: FloatArray, true: FloatArray, speaking: BoolArray) -> Follows:
    """Compare two curves [frames] of one length."""
    lags = range(-MOST_LAG, MOST_LAG + 1)
    fits = [correlation(np.roll(found, -lag)[MOST_LAG:-MOST_LAG], true[MOST_LAG:-MOST_LAG]) for lag in lags]
    best = int(np.argmax(fits))
    return Follows(correlation(found, true), correlation(found[speaking], true[speaking]), lags[best], fits[best])


def correlation(one: FloatArray, other: FloatArray) -> float:
    """Pearson's; 0 where one of them does not move."""
    if len(one) < 2 or one.std() < 1e-9 or other.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def jitter(curves: FloatArray) -> float:
    """Part of the movement's energy above 8 Hz, over all channels of [frames, channels] that move; 0 to 1."""
    moving = curves - curves.mean(axis=0)
    power = np.abs(np.fft.rfft(moving, axis=0)) ** 2
    frequency = np.fft.rfftfreq(len(curves), 1 / FPS)
    total = float(power[1:].sum())
    return float(power[frequency > TREMBLING].sum()) / total if total > 0 else 0.0


def mean_figures(rows: Sequence[CurveFigures], weights: Sequence[float]) -> CurveFigures:
    """The figures of one curve in several takes, averaged with weights (the lag is the median)."""

    def mean(values: Sequence[float]) -> float:
        return float(np.average(values, weights=weights))

    def mean_follows(found: Sequence[Follows]) -> Follows:
        return Follows(
            mean([row.all_frames for row in found]),
            mean([row.speech_frames for row in found]),
            median([row.lag for row in found], weights),
            mean([row.best for row in found]),
        )

    return CurveFigures(
        mean_follows([row.network for row in rows]),
        mean_follows([row.loudness for row in rows]),
        Chance(mean([row.chance.all_frames for row in rows]), mean([row.chance.speech_frames for row in rows])),
        mean([row.found_95 for row in rows]),
        mean([row.true_95 for row in rows]),
    )


def median(values: Sequence[int], weights: Sequence[float]) -> int:
    """The value at which half of the weight is reached."""
    order = np.argsort(values)
    reached = np.cumsum(np.array(weights)[order])
    return int(values[order[int(np.searchsorted(reached, reached[-1] / 2))]])

# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions: whether one that is set shows and leaves the words, and whether one that is heard is the voice's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from ...curves import ARKIT_NAMES, FloatArray, lip_opening
from ...inference.performance import EMOTIONS
from ..rules.expression import design
from .figures import correlation

Predict = Callable[[FloatArray, str, float], FloatArray]
"""Sound (float32 [N], 16 kHz), emotion ("voice" or one of EMOTIONS) and intensity to curves [frames, 52] at 30 fps."""

LEADING = 0.3
"""Size from which on a channel of an emotion's designed face leads it."""
UPPER = np.array([name.startswith(("brow", "eyeSquint", "eyeWide", "cheek", "nose")) for name in ARKIT_NAMES])
"""Channels of the upper face that an emotion may lead, bool [52]; the gaze goes where it will."""


@dataclass(frozen=True)
class Shown:
    """An emotion that is set on a voice at intensity 1.

    part: of its designed face that shows; words: correlation of the opening with neutral; mean, liveliness: of the
    channels that lead the upper face, their mean over time and its part that their standard deviation is.
    """

    part: float
    words: float
    mean: float
    liveliness: float


Shows = dict[str, Shown]
"""By emotion."""


@dataclass(frozen=True)
class Heard:
    """What the network's emotion head made of voices whose emotion is known.

    confusion: for each true emotion how often each one was heard.
    """

    confusion: dict[str, dict[str, int]]

    @property
    def count(self) -> int:
        """How many voices."""
        return sum(sum(row.values()) for row in self.confusion.values())

    @property
    def accuracy(self) -> float:
        """Part of the voices that were heard right."""
        return sum(row.get(true, 0) for true, row in self.confusion.items()) / self.count

    @property
    def mean_recall(self) -> float:
        """Part of the voices that were heard right, averaged over the emotions."""
        return float(np.mean([row.get(true, 0) / sum(row.values()) for true, row in self.confusion.items()]))

    @property
    def commonest(self) -> float:
        """Accuracy of always saying the commonest emotion."""
        return max(sum(row.values()) for row in self.confusion.values()) / self.count


def emotions_heard(pairs: Sequence[tuple[str, str]]) -> Heard | None:
    """The confusion of (true, heard) emotions; None where there are no voices."""
    if not pairs:
        return None
    true = [name for name in EMOTIONS if any(name == known for known, _ in pairs)]
    return Heard({name: dict(Counter(heard for known, heard in pairs if known == name)) for name in true})


def emotion_shows(predict: Predict, samples: FloatArray) -> Shows:
    """What each emotion but neutral does on a voice."""
    neutral = predict(samples, "neutral", 1.0)
    return {emotion: _shown(predict(samples, emotion, 1.0), neutral, emotion) for emotion in EMOTIONS[1:]}


def part_shown(change: FloatArray, wanted: FloatArray) -> float:
    """How much of a wanted change [52] is in another one: 1 all of it, 0 nothing along it."""
    return float(change @ wanted / max(float(wanted @ wanted), 1e-12))


def mean_shows(shows: Sequence[Shows]) -> Shows:
    """The figures of several voices, averaged."""
    return {name: Shown(*np.mean([astuple(show[name]) for show in shows], axis=0).tolist()) for name in EMOTIONS[1:]}


def _shown(face: FloatArray, neutral: FloatArray, emotion: str) -> Shown:
    """What an emotion does to a neutral face, both [frames, 52]."""
    designed = design(emotion)
    leading = (designed >= LEADING) & UPPER
    means, deviations = face[:, leading].mean(axis=0), face[:, leading].std(axis=0)
    return Shown(
        part_shown((face - neutral).mean(axis=0), designed),
        correlation(lip_opening(face), lip_opening(neutral)),
        float(means.mean()),
        float((deviations / np.maximum(means, 1e-6)).mean()),
    )

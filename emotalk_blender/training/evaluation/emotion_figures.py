# SPDX-License-Identifier: GPL-3.0-or-later
"""Emotions: whether one that is set shows and leaves the words, and whether one that is heard is the voice's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...curves import FloatArray, lip_opening
from ...inference.performance import EMOTIONS
from ..rules.expression import design
from .figures import correlation

Predict = Callable[[FloatArray, str, float], FloatArray]
"""Sound (float32 [N], 16 kHz), emotion ("voice" or one of EMOTIONS) and intensity to curves [frames, 52] at 30 fps."""

Shows = dict[str, tuple[float, float]]
"""Per emotion that is set: part of its designed face that shows, and correlation of the opening with neutral."""


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
    """Per emotion set at intensity 1: part of the designed change that shows, and how well the words stay.

    The first is the projection of the mean change from neutral on the designed one; the second is the correlation of
    the opening with the neutral one's.
    """
    neutral = predict(samples, "neutral", 1.0)
    result = {}
    for emotion in EMOTIONS[1:]:
        face = predict(samples, emotion, 1.0)
        designed = design(emotion)
        change = (face - neutral).mean(axis=0)
        result[emotion] = (
            float(change @ designed / (designed @ designed)),
            correlation(lip_opening(face), lip_opening(neutral)),
        )
    return result


def mean_shows(shows: Sequence[Shows]) -> Shows:
    """The figures of several takes, averaged."""
    means = {name: np.mean([show[name] for show in shows], axis=0) for name in EMOTIONS[1:]}
    return {name: (float(shown), float(words)) for name, (shown, words) in means.items()}

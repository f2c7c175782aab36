# SPDX-License-Identifier: GPL-3.0-or-later
"""A borrowed mood: the words of one recording with the emotion of another."""

from __future__ import annotations

import torch

from .encoders import interpolate_rows
from .model import SpeechFeatures


def borrow(features: SpeechFeatures, other: SpeechFeatures, strength: float) -> SpeechFeatures:
    """The features with their content as it is and their emotion mixed with the other's: 0 is their own, 1 the other's.

    The other's emotion features are stretched or squeezed to this length, first frame to first, last to last.
    """
    positions = torch.linspace(0, other.frames - 1, features.frames, dtype=torch.float64)
    theirs = interpolate_rows(other.emotion[None], positions)[0].to(features.emotion)
    return SpeechFeatures(features.content, torch.lerp(features.emotion, theirs, strength))

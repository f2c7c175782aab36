# SPDX-License-Identifier: GPL-3.0-or-later
"""How a performance is directed: emotion, intensity and person, each for the clip or frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from .config import EmoTalkConfig


@dataclass(frozen=True)
class Direction:
    """What `decode` needs besides the features.

    Each tensor may leave out the frames dimension: it then holds for the whole clip.

    emotion: weights of the checkpoint's emotions, 0 or above, [frames, emotions]; what is missing to a sum of 1 stays
        From Voice, and weights that add up to more than 1 are scaled down to 1.
    intensity: [frames]; 0 is neutral (level 0), 1 the strong level, beyond it is extrapolated.
    person: weights of the speaking styles, [frames, persons].
    """

    emotion: Tensor
    intensity: Tensor
    person: Tensor


def direct(config: EmoTalkConfig, emotion: str | None = None, intensity: float = 1.0, person: int = 0) -> Direction:
    """A constant direction; emotion None is From Voice.

    Raises ValueError for an emotion or a person (from 0) that the config has not.
    """
    if emotion is not None and emotion not in config.emotions:
        raise ValueError(f"unknown emotion {emotion!r}; this network knows {', '.join(config.emotions)}")
    if not 0 <= person < config.persons:
        raise ValueError(f"unknown person {person}; this network knows 0 to {config.persons - 1}")
    weights = torch.zeros(len(config.emotions))
    if emotion is not None:
        weights[config.emotions.index(emotion)] = 1
    return Direction(weights, torch.tensor(float(intensity)), torch.eye(config.persons)[person])


def level_weights(intensity: Tensor, levels: int) -> Tensor:
    """The level one-hot interpolated by intensity: [frames] to [frames, levels], 0 the first level, 1 the last.

    With two levels, as RAVDESS has them, intensities above 1 extrapolate the line; with more, the last two levels'.
    """
    position = intensity * (levels - 1)
    left = position.floor().clamp(0, max(levels - 2, 0))
    weight = position - left
    index = torch.arange(levels, device=intensity.device)
    is_left = (index == left[..., None]).to(intensity.dtype)
    is_right = (index == left[..., None] + 1).to(intensity.dtype)
    if levels == 1:
        return is_left
    return is_left * (1 - weight[..., None]) + is_right * weight[..., None]
